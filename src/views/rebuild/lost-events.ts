import * as z from 'zod';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { parseHeads } from '../../proof/statement.ts';
import { readDigestCopies } from '../digests/digest-copies.ts';
import { breachesPartition, cursorKey } from '../keys.ts';
import { type Breach, SEEN_HASH, SEEN_SEQ } from '../monitor/breach.ts';
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
  constructor(ref: ChainRef, what: string) {
    super(
      `Cannot rebuild the views of ${fullChainName(ref)}: ${what}. They were left as they are, as evidence; see ${RUNBOOK}`,
    );
    this.name = 'EventsLostError';
  }
}

/** @param known.seq the last event that is known of, to the views or to a `digest`; `head` is the last in the journal */
export function lostEvents(ref: ChainRef, known: Pick<KnownEvent, 'seq' | 'digest'> & { head: number }): Error {
  const { seq, head, digest } = known;
  const [knows, hasSeen] =
    digest === undefined
      ? ['they know its events', 'they have seen']
      : [`digest ${digest} was signed over its events`, `digest ${digest} was signed over`];
  const what =
    head < seq
      ? `${knows} up to ${seq}, and the journal ends at ${head}`
      : `${hasSeen} another event ${seq} than the one that the journal has`;
  return new EventsLostError(ref, what);
}

/**
 * Watches the projection of a chain's journal for events that are not the ones that others have seen: whoever changes a line need not
 * change the hashes that are written beside it.
 * @param knownSeq up to where the chain was projected or signed
 */
export function watchLinks(ref: ChainRef, knownSeq: number) {
  let broken: Breach | undefined;
  return {
    saw(breach: Breach): void {
      if (breach.invariant === 'HASH_CHAIN' && breach.seq <= knownSeq) broken ??= breach;
    },
    /**
     * @param unreadableSeq a commit that cannot be read, which is told by an error of its own
     * @throws EventsLostError
     */
    check(unreadableSeq?: number): void {
      if (!broken || broken.seq === unreadableSeq) return;
      const { seq, reason } = broken;
      throw new EventsLostError(
        ref,
        `they know its events up to ${knownSeq}, and event ${seq} is another one now (${reason})`,
      );
    },
  };
}

/**
 * Refuses a chain whose end was cut off, or that was rewritten, since it was projected or signed. The views alone do not tell:
 * once the chain has been written on, and projected, their cursor stands where the journal stands. What they had seen before is then in
 * what the monitor has kept of the break.
 * @returns the last event that is known of, besides the journal; 0 without one
 * @throws EventsLostError
 */
export async function refuseLost(
  { store, journal }: { store: RebuildStore; journal: Journal },
  ref: ChainRef,
): Promise<number> {
  // Read before the journal: what the cursor has seen, and the digest, was in it by then.
  const known = [await seenByViews(store, ref), await signedLast(store, ref), ...(await seenBeforeBreaks(store, ref))];
  for (const event of known) if (event && event.seq > 0) await refuseUnless(journal, ref, event);
  return Math.max(0, ...known.map((event) => event?.seq ?? 0));
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
  throw lostEvents(ref, { seq, head: last?.lastSeq ?? 0, ...(digest !== undefined && { digest }) });
}
