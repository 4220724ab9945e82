import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { cursorKey } from '../keys.ts';
import { type RebuildStore, storedCursor } from './port.ts';

const RUNBOOK = 'docs/operating/runbook.md#rebuild-the-view';

/** Views that know more of a chain than the journal has: they are the evidence of what was lost, and are not rebuilt. */
export class EventsLostError extends Error {
  readonly code = 'EVENTS_LOST';
  /** @param seen.seq the last event in the views; `head` is the last in the journal */
  constructor(ref: ChainRef, { seq, head }: { seq: number; head: number }) {
    const what =
      head < seq
        ? `they know its events up to ${seq}, and the journal ends at ${head}`
        : `they have seen another event ${seq} than the one that the journal has`;
    super(
      `Cannot rebuild the views of ${fullChainName(ref)}: ${what}. They were left as they are, as evidence; see ${RUNBOOK}`,
    );
    this.name = 'EventsLostError';
  }
}

/**
 * Refuses a chain whose end was cut off, or that was rewritten, since it was projected.
 * @throws EventsLostError
 */
export async function refuseLost({ store, journal }: { store: RebuildStore; journal: Journal }, ref: ChainRef) {
  // Read before the journal: what the cursor has seen was there by then. Of a row that is no cursor nothing can be learnt.
  const seen = storedCursor(await store.raw(cursorKey(ref)));
  if (!seen || seen.seq === 0) return;
  let commit: Commit | undefined;
  try {
    commit = await journal.commitAt(ref, seen.seq);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'JOURNAL_UNAVAILABLE') throw error;
    return; // it is there and cannot be read: the projection finds that
  }
  if (commit?.lastSeq === seen.seq && commit.headHash === seen.hash) return;
  const last = commit ?? (await journal.lastCommit(ref));
  throw new EventsLostError(ref, { seq: seen.seq, head: last?.lastSeq ?? 0 });
}
