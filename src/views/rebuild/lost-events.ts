import * as z from 'zod';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { type Commit, isUnavailable, type Journal } from '../../journal/port.ts';
import { parseHeads } from '../../proof/statement.ts';
import { breachesPartition, cursorKey, digestCountKey, digestKey } from '../keys.ts';
import type { Breach } from '../monitor/breach.ts';
import { type RebuildStore, storedCursor, type StoredRow } from './port.ts';

/** As much as is needed of a row in which the monitor has kept that a commit does not continue the chain. */
const seenAtBreak = z.object({ seen: z.object({ seq: z.int().min(0), hash: z.string() }) });

/** As much as is needed of the copy of a digest, and of their number. */
const digestCount = z.object({ seq: z.int().min(0) });
const digestCopy = z.object({ seq: z.int(), heads: z.array(z.string()) });

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
  // Of another breach, or damaged: nothing can be learnt.
  return rows.flatMap((row) => read(seenAtBreak, row)?.seen ?? []);
}

/** @throws EventsLostError where there is a digest, and nobody can tell from here what it was signed over */
async function signedLast(store: RebuildStore, ref: ChainRef): Promise<KnownEvent | undefined> {
  const { tenantId, chain } = ref;
  const countRow = await store.raw(digestCountKey(tenantId));
  if (!countRow) return undefined;
  const number = read(digestCount, countRow)?.seq;
  if (number === 0) return undefined;
  const copy = number === undefined ? undefined : read(digestCopy, await store.raw(digestKey(tenantId, number)));
  const heads = copy?.seq === number ? parseHeads(tenantId, copy?.heads ?? []) : undefined;
  if (!heads)
    throw new EventsLostError(
      ref,
      `what was signed of them cannot be told: the copy of ${number === undefined ? 'the last digest' : `digest ${number}`} in the views is gone or damaged`,
    );
  const head = heads.find((each) => each.chain === chain);
  return head && { seq: head.seq, hash: head.hash, ...(number !== undefined && { digest: number }) };
}

function read<Form>(form: z.ZodType<Form>, row: StoredRow | undefined): Form | undefined {
  try {
    return form.safeParse(JSON.parse(row?.text ?? '')).data;
  } catch {
    return undefined;
  }
}

async function refuseUnless(journal: Journal, ref: ChainRef, { seq, hash, digest }: KnownEvent): Promise<void> {
  let commit: Commit | undefined;
  try {
    commit = await journal.commitAt(ref, seq);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    return; // it is there and cannot be read: the projection finds that
  }
  if (commit?.lastSeq === seq && commit.headHash === hash) return;
  const last = commit ?? (await journal.lastCommit(ref));
  throw lostEvents(ref, { seq, head: last?.lastSeq ?? 0, ...(digest !== undefined && { digest }) });
}
