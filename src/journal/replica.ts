import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { parseLine } from '../core/chain/line.ts';
import { type ChainRef, fullChainName } from '../core/chain/name.ts';
import { type ChainState, evolveChain, type HeldChainState, initialChainState } from '../core/chain/state.ts';
import { ChainBrokenError, type ChainReplica, type Commit, type Journal, ReplicaBusyError } from './port.ts';
import { sha256 } from './sha256.ts';
import { type ChainStart, loadSnapshot, type SnapshotOptions } from './snapshots/load-snapshot.ts';

/**
 * Opens an empty replica; the first `catchUp` reads the whole chain, or what follows its newest snapshot. Each line's hash is
 * checked as it is folded.
 */
export function openReplica(
  journal: Journal,
  ref: ChainRef,
  options: { snapshots?: SnapshotOptions } = {},
): ChainReplica {
  return new JournalReplica(journal, ref, options);
}

export class JournalReplica implements ChainReplica {
  readonly ref: ChainRef;
  readonly #journal: Journal;
  #state: HeldChainState;
  #seq: number;
  #hash: string;
  #isRead = false;
  /** Until it has been looked for. */
  #snapshots: SnapshotOptions | undefined;

  constructor(journal: Journal, ref: ChainRef, options: { snapshots?: SnapshotOptions; start?: ChainStart } = {}) {
    this.#journal = journal;
    this.ref = ref;
    this.#snapshots = options.snapshots;
    const { seq, hash, state } = options.start ?? startOf(ref);
    this.#seq = seq;
    this.#hash = hash;
    this.#state = state;
  }

  get seq(): number {
    return this.#seq;
  }

  get hash(): string {
    return this.#hash;
  }

  get state(): ChainState {
    return this.#state;
  }

  /** The same state, to be written down. */
  get held(): HeldChainState {
    return this.#state;
  }

  /** @param isEnough asked after each commit whether to end before the head */
  async catchUp(isEnough: () => boolean = () => false): Promise<void> {
    this.#checkIdle();
    this.#isRead = true;
    try {
      await this.#jump();
      for await (const commit of this.#journal.read(this.ref, { afterSeq: this.#seq })) {
        this.#fold(commit);
        if (isEnough()) break;
      }
    } finally {
      this.#isRead = false;
    }
  }

  advance(commit: Commit, apply: () => void): void {
    this.#checkIdle();
    this.#checkFollows(commit);
    apply();
    this.#seq = commit.lastSeq;
    this.#hash = commit.headHash;
  }

  #checkIdle(): void {
    if (this.#isRead) throw new ReplicaBusyError(fullChainName(this.ref));
  }

  async #jump(): Promise<void> {
    const snapshots = this.#snapshots;
    this.#snapshots = undefined;
    if (!snapshots || this.#seq > 0) return;
    const snapshot = await loadSnapshot(this.#journal, this.ref, snapshots);
    if (!snapshot) return;
    this.#seq = snapshot.seq;
    this.#hash = snapshot.hash;
    this.#state = snapshot.state;
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
    for (const line of lines) evolveChain(this.#state, parseLine(line));
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

function startOf(ref: ChainRef): ChainStart {
  return { seq: 0, hash: genesisHash(fullChainName(ref), sha256), state: initialChainState() };
}
