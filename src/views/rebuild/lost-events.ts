import * as z from 'zod';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { parseHeads } from '../../proof/statement.ts';
import { readDigestCopies } from '../digests/digest-copies.ts';
import { breachesPartition, cursorKey } from '../keys.ts';
import { SEEN_HASH, SEEN_SEQ } from '../monitor/breach.ts';
import { type RebuildStore, storedCursor } from './port.ts';

/** Breaks of a chain that are looked at, the first ones: whoever has rewritten it has made one. */
const BREAKS_MAX = 20;

/** As much as is needed of a row in which the monitor has kept that a commit does not continue the chain. */
const seenAtBreak = z.object({
  breaches: z.object({
    HASH_CHAIN: z.object({
      last: z.object({ evidence: z.object({ [SEEN_SEQ]: z.int().min(0), [SEEN_HASH]: z.string() }) }),
    }),
  }),
});

const RUNBOOK = 'docs/operating/runbook.md#rebuild-the-view';

/** An event of a chain that somebody else than the journal knows of: the views, or a digest of this number. */
interface KnownEvent {
  seq: number;
  hash: string;
  digest?: number;
}

/** Views or digests that know more of a chain than the journal has: the views are evidence of what was lost, and are not rebuilt. */
export class EventsLostError extends Error {
  readonly code = 'EVENTS_LOST';
  /** @param known.seq the last event that is known of, to the views or to a `digest`; `head` is the last in the journal */
  constructor(ref: ChainRef, { seq, head, digest }: Pick<KnownEvent, 'seq' | 'digest'> & { head: number }) {
    const [knows, hasSeen] =
      digest === undefined
        ? ['they know its events', 'they have seen']
        : [`digest ${digest} was signed over its events`, `digest ${digest} was signed over`];
    const what =
      head < seq
        ? `${knows} up to ${seq}, and the journal ends at ${head}`
        : `${hasSeen} another event ${seq} than the one that the journal has`;
    super(
      `Cannot rebuild the views of ${fullChainName(ref)}: ${what}. They were left as they are, as evidence; see ${RUNBOOK}`,
    );
    this.name = 'EventsLostError';
  }
}

/**
 * Refuses a chain whose end was cut off, or that was rewritten, since it was projected or signed. The views alone do not tell:
 * once the chain has been written on, and projected, their cursor stands where the journal stands. What they had seen before is then in
 * what the monitor has kept of the break.
 * @throws EventsLostError
 */
export async function refuseLost({ store, journal }: { store: RebuildStore; journal: Journal }, ref: ChainRef) {
  // Read before the journal: what the cursor has seen, and the digest, was in it by then.
  const known = [await seenByViews(store, ref), await signedLast(store, ref), ...(await seenBeforeBreaks(store, ref))];
  for (const event of known) if (event && event.seq > 0) await refuseUnless(journal, ref, event);
}

/** Of a row that is no cursor nothing can be learnt. */
async function seenByViews(store: RebuildStore, ref: ChainRef): Promise<KnownEvent | undefined> {
  return storedCursor(await store.raw(cursorKey(ref)));
}

async function seenBeforeBreaks(store: RebuildStore, ref: ChainRef): Promise<KnownEvent[]> {
  const { rows } = await store.partition(breachesPartition(ref));
  const known = rows.flatMap(({ text = '' }): KnownEvent[] => {
    try {
      const { evidence } = seenAtBreak.parse(JSON.parse(text)).breaches.HASH_CHAIN.last;
      return [{ seq: evidence[SEEN_SEQ], hash: evidence[SEEN_HASH] }];
    } catch {
      return []; // of another breach, or damaged
    }
  });
  return known.slice(0, BREAKS_MAX);
}

async function signedLast(store: RebuildStore, { tenantId, chain }: ChainRef): Promise<KnownEvent | undefined> {
  const [last] = (await readDigestCopies(store, { tenantId, limit: 1 })).digests;
  const head = last && parseHeads(tenantId, last.heads)?.find((each) => each.chain === chain);
  return head && { seq: head.seq, hash: head.hash, digest: last.number };
}

async function refuseUnless(journal: Journal, ref: ChainRef, { seq, hash, digest }: KnownEvent): Promise<void> {
  let commit: Commit | undefined;
  try {
    commit = await journal.commitAt(ref, seq);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'JOURNAL_UNAVAILABLE') throw error;
    return; // it is there and cannot be read: the projection finds that
  }
  if (commit?.lastSeq === seq && commit.headHash === hash) return;
  const last = commit ?? (await journal.lastCommit(ref));
  throw new EventsLostError(ref, { seq, head: last?.lastSeq ?? 0, ...(digest !== undefined && { digest }) });
}
