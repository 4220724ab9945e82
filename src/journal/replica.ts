import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { parseLine } from '../core/chain/line.ts';
import { type ChainRef, fullChainName } from '../core/chain/name.ts';
import { evolveChain, initialChainState } from '../core/chain/state.ts';
import { ChainBrokenError, type ChainReplica, type Commit, type Journal } from './port.ts';
import { sha256 } from './sha256.ts';

/** Opens an empty replica; the first `catchUp` reads the whole chain. Each line's hash is checked as it is folded. */
export function openReplica(journal: Journal, ref: ChainRef): ChainReplica {
  return new JournalReplica(journal, ref);
}

class JournalReplica implements ChainReplica {
  readonly ref: ChainRef;
  readonly state = initialChainState();
  readonly #journal: Journal;
  #seq = 0;
  #hash: string;

  constructor(journal: Journal, ref: ChainRef) {
    this.#journal = journal;
    this.ref = ref;
    this.#hash = genesisHash(fullChainName(ref), sha256);
  }

  get seq(): number {
    return this.#seq;
  }

  get hash(): string {
    return this.#hash;
  }

  async catchUp(): Promise<void> {
    for await (const commit of this.#journal.read(this.ref, { afterSeq: this.#seq })) this.#fold(commit);
  }

  advance(commit: Commit, apply: () => void): void {
    this.#checkFollows(commit);
    apply();
    this.#seq = commit.lastSeq;
    this.#hash = commit.headHash;
  }

  /** All lines are checked before the first is folded: a commit is taken in whole or not at all. */
  #fold(commit: Commit): void {
    this.#checkFollows(commit);
    const lines = commit.body.split('\n');
    const hash = lines.reduce((previous, line) => linkHash(previous, line, sha256), this.#hash);
    if (hash !== commit.headHash || lines.length !== commit.lastSeq - commit.firstSeq + 1) {
      throw new ChainBrokenError(
        `Cannot use chain "${fullChainName(this.ref)}": the commit at seq ${commit.firstSeq} does not hash to its head`,
      );
    }
    for (const line of lines) evolveChain(this.state, parseLine(line));
    this.#seq = commit.lastSeq;
    this.#hash = hash;
  }

  #checkFollows(commit: Commit): void {
    if (commit.firstSeq !== this.#seq + 1 || commit.prevHash !== this.#hash) {
      throw new ChainBrokenError(
        `Cannot use chain "${fullChainName(this.ref)}": the commit at seq ${commit.firstSeq} does not follow seq ${this.#seq}`,
      );
    }
  }
}
