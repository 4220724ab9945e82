import type { ChainEvent } from '../../contract/events.ts';
import type { InvariantName } from '../../contract/invariants.ts';
import type { Commit } from '../../journal/port.ts';
import type { ChainRows } from '../projection/chain-rows.ts';
import type { VerifiedCommit } from '../projection/verified-commit.ts';
import { type Breach, SEEN_HASH, SEEN_SEQ } from './breach.ts';
import type { RowClaim } from './old-rows.ts';
import type { RoundBreaches } from './round-breaches.ts';

/** What the monitor sees by: the chain's rows as they were before an event, and the commit in which the event stands. */
export class Sight {
  readonly rows: ChainRows;
  readonly #found: RoundBreaches;
  #commit: Commit | undefined;

  constructor(rows: ChainRows, found: RoundBreaches) {
    this.rows = rows;
    this.#found = found;
  }

  get chain(): string {
    return this.rows.ref.chain;
  }

  beginCommit(commit: Commit): void {
    this.#commit = commit;
  }

  /** Says that a row holds an event already: it was looked at when it came first. */
  seenBefore(): void {
    this.#found.seenBefore = true;
  }

  /** @param claim what the breach rests on that only a row shows */
  breach(
    invariant: InvariantName,
    { seq }: Pick<ChainEvent, 'seq'>,
    reason: string,
    evidence: Breach['evidence'] = {},
    claim?: Omit<RowClaim, 'seq'>,
  ): void {
    if (!this.#commit) throw new Error('Cannot report a breach outside of a commit');
    const breach = { invariant, ...this.rows.ref, seq, reason, evidence };
    this.#found.add(this.#commit, breach, claim && { ...claim, seq });
  }

  /** Reports that the commit itself is broken. */
  broken({ reason, after }: NonNullable<VerifiedCommit['fault']>): void {
    const evidence = { [SEEN_SEQ]: after.seq, [SEEN_HASH]: after.hash };
    this.breach('HASH_CHAIN', { seq: this.#commit?.firstSeq ?? 0 }, reason, evidence);
  }
}
