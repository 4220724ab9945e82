import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { type Commit, isUnavailable, type Journal } from '../../journal/port.ts';
import { parseHeads } from '../../proof/statement.ts';
import {
  breachesPartition,
  breachKey,
  cursorKey,
  digestCountKey,
  digestKey,
  digestRefusalKey,
  digestsPartition,
} from '../keys.ts';
import type { BreachRow } from '../monitor/round-breaches.ts';
import type { ViewStore } from '../port.ts';
import type { Cursor } from '../projection/cursor.ts';
import { pagesOfPartition, type RebuildStore, storedCursor, type StoredRow } from './port.ts';

/** As much as is needed of a row in which the monitor has kept that a commit does not continue the chain. */
const seenAtBreak = z.object({ seen: z.object({ seq: z.int().min(0), hash: z.string() }) });
/** As much as is needed of any row of the monitor. */
const keptBreaches = z.object({ breaches: z.object({ HASH_CHAIN: z.unknown() }) });

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

/**
 * @param known.seq the last event that is known of, to the views or to a `digest`; `head` is the last in the journal, and `isMissing`
 * says that the event itself is in no commit, though the chain goes on after it
 */
export function lostEvents(
  ref: ChainRef,
  known: Pick<KnownEvent, 'seq' | 'digest'> & { head: number; isMissing?: boolean },
): Error {
  const { seq, head, digest, isMissing = false } = known;
  const [knows, hasSeen] =
    digest === undefined
      ? ['they know its events', 'they have seen']
      : [`digest ${digest} was signed over its events`, `digest ${digest} was signed over`];
  const what =
    head < seq
      ? `${knows} up to ${seq}, and the journal ends at ${head}`
      : isMissing
        ? `${knows} up to ${seq}, and that one is missing: the journal has a gap there`
        : `${hasSeen} another event ${seq} than the one that the journal has`;
  return new EventsLostError(ref, what);
}

/**
 * Refuses a chain whose journal shows other events than others have seen: whoever changes a line need not change the hashes that
 * are written beside it. What a projection finds stands in the shadow before its cursor passes the commit, so a step that dies
 * there hides nothing from the next one. What the views have seen just as it is now was not changed since.
 * @param known.cursor the shadow's
 * @param known.knownSeq up to where the chain was projected or signed
 * @throws EventsLostError
 */
export async function refuseChanged(
  { store, shadow }: { store: RebuildStore; shadow: Pick<ViewStore, 'list'> },
  ref: ChainRef,
  { cursor, knownSeq }: { cursor: Cursor; knownSeq: number },
): Promise<void> {
  if (!cursor.watch?.breaches?.HASH_CHAIN) return;
  for (const { doc } of await shadow.list(breachesPartition(ref))) {
    const { firstSeq, breaches, seen } = doc as BreachRow; // it holds nothing else
    const found = breaches.HASH_CHAIN;
    if (!found || firstSeq > knownSeq) continue;
    const kept = read(keptBreaches, await store.raw(breachKey(ref, firstSeq)));
    if (isDeepStrictEqual(kept?.breaches.HASH_CHAIN, found)) continue;
    // A commit that stands after a gap may be just what it was.
    const due = seen ? seen.seq + 1 : firstSeq;
    const what =
      due < firstSeq
        ? `${due === firstSeq - 1 ? `event ${due} is` : `events ${due} to ${firstSeq - 1} are`} missing: the journal has a gap there`
        : `event ${firstSeq} is another one now (${found.last.reason})`;
    throw new EventsLostError(ref, `they know its events up to ${knownSeq}, and ${what}`);
  }
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
  const seen: KnownEvent[] = [];
  for await (const { rows } of pagesOfPartition(store, breachesPartition(ref)))
    // Of another breach, or damaged: nothing can be learnt.
    seen.push(...rows.flatMap((row) => read(seenAtBreak, row)?.seen ?? []));
  return seen;
}

/** @throws EventsLostError where there is a digest, and nobody can tell from here what it was signed over */
async function signedLast(store: RebuildStore, ref: ChainRef): Promise<KnownEvent | undefined> {
  const { tenantId, chain } = ref;
  const untold = (why: string) => new EventsLostError(ref, `what was signed of them cannot be told: ${why}`);
  const untoldBy = (copy: string) => untold(`the copy of ${copy} in the views is gone or damaged`);
  const countNow = async (): Promise<number> => {
    const row = await store.raw(digestCountKey(tenantId));
    const count = row ? read(digestCount, row)?.seq : 0;
    if (count === undefined) throw untoldBy('the last digest');
    return count;
  };
  let counted = await countNow();
  const number = await lastCopyAfter(store, tenantId, counted);
  // A digest is copied first, then counted: one may be without. Where there are more, they may have come since the count.
  if (number > counted + 1) counted = await countNow();
  if (number > counted + 1)
    throw untold(`the count of the copies of digests in the views is ${counted}, but there is one of digest ${number}`);
  if (number === 0) return undefined;
  const copy = read(digestCopy, await store.raw(digestKey(tenantId, number)));
  const heads = copy?.seq === number ? parseHeads(tenantId, copy.heads) : undefined;
  if (!heads) throw untoldBy(`digest ${number}`);
  const head = heads.find((each) => each.chain === chain);
  return head && { seq: head.seq, hash: head.hash, digest: number };
}

/**
 * @returns what is no fault, and yet has to be known of a rebuild that refuses nothing: that there is no copy of a digest, nor their
 * count, so that an end which was cut off would not show once the views have gone along
 */
export async function notesOfDigests(store: Pick<RebuildStore, 'partition'>, tenantId: string): Promise<string[]> {
  const { rows } = await store.partition(digestsPartition(tenantId));
  const refusal = digestRefusalKey(tenantId);
  const isKnown = rows.some(({ key }) => key.sk !== refusal.sk);
  return isKnown ? [] : ['No digest of it is known: its journal was held against none'];
}

/** @returns the greatest number of a copy, `counted` if none is greater. Where all is well there is one at most to look at. */
async function lastCopyAfter(store: RebuildStore, tenantId: string, counted: number): Promise<number> {
  let last = counted;
  for await (const { rows } of pagesOfPartition(store, digestsPartition(tenantId), digestKey(tenantId, counted)))
    for (const { key } of rows) if (/^\d{8}$/.test(key.sk)) last = Number(key.sk);
  return last;
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
  const head = last?.lastSeq ?? 0;
  throw lostEvents(ref, { seq, head, isMissing: !commit, ...(digest !== undefined && { digest }) });
}
