import { INVARIANTS, type InvariantName } from '../../contract/invariants.ts';
import { readDigestCopies } from '../digests/digest-copies.ts';
import { readRefusal } from '../digests/digest-refusal.ts';
import { spoiltPartition } from '../keys.ts';
import { addSums, sumsOf } from '../ledger/ledger-row.ts';
import { addBreaches, type BreachCounts, checksOf, type KeptBreach } from '../monitor/watch.ts';
import type { ViewStore } from '../port.ts';
import type { Cursor } from '../projection/cursor.ts';
import { digestSummaryOf } from './list-digests.ts';
import { lostChains } from './lost-chains.ts';
import { type Query, type QueryContext, found } from './query.ts';
import { readCursors } from './read-cursors.ts';
import { readHeads } from './read-heads.ts';
import { readLedger } from './read-ledger.ts';
import { sumToWire } from './wire.ts';

/** What the live monitor has counted, how far it is, and what the trial balance says once it is at the heads of all chains. */
export const getInvariants: Query<'getInvariants'> = async (context) => {
  const { views, tenant, tenantId } = context;
  // Cursors and ledger first, heads last: where these are the same nothing was written between, and the sum is of one moment.
  const cursors = await readCursors(views, tenantId);
  const sumMinor = await sumOfLedger(views, tenantId, cursors);
  const [heads, kept, refused, lastDigest] = await Promise.all([
    readHeads(context),
    readBreaches(views, tenantId, cursors),
    readRefusal(views, tenantId),
    readLastDigest(context),
  ]);
  const lost = lostChains(cursors, heads);
  const lostNames = new Set(lost.map(({ HASH_CHAIN: breach }) => breach?.last.chain));
  // A chain that is seen to be cut off now is told once.
  const unsigned = refused.filter(({ HASH_CHAIN: breach }) => !lostNames.has(breach?.last.chain));
  const breaches = addedUp([...kept, ...lost, ...unsigned]);
  const isAtHeads = heads.every(({ chain, seq }) => seq === (cursors.get(chain)?.seq ?? 0));
  const state = sumMinor === 0n ? 'ZERO' : isAtHeads ? 'NOT_ZERO' : 'MOVING';
  const checks = [...cursors.values()].map((cursor) => checksOf(cursor));
  return found({
    invariants: INVARIANTS.map((invariant) => ({
      invariant,
      holds: !breaches[invariant] && !(invariant === 'BALANCED_ENTRIES' && state === 'NOT_ZERO'),
      checked: checks.reduce((sum, counts) => sum + counts[invariant], 0),
      breached: breaches[invariant]?.count ?? 0,
      lastBreach: breaches[invariant]?.last ?? null,
    })),
    chains: heads.map(({ chain, seq }) => {
      const cursor = cursors.get(chain);
      return { chain, headSeq: seq, checkedSeq: cursor?.seq ?? 0, countedAfterSeq: cursor ? countedAfter(cursor) : 0 };
    }),
    trialBalance: { currency: tenant.baseCurrency, balance: sumToWire(sumMinor, tenant.currencyExponent), state },
    lastDigest,
  });
};

async function sumOfLedger(views: ViewStore, tenantId: string, cursors: ReadonlyMap<string, Cursor>): Promise<bigint> {
  const ledger = await readLedger(views, tenantId, cursors);
  const { debitsMinor, creditsMinor } = [...ledger.values()].reduce(addSums, sumsOf(undefined));
  return debitsMinor - creditsMinor;
}

/** @returns the breaches of all chains, and commits that were spoilt */
async function readBreaches(
  views: ViewStore,
  tenantId: string,
  cursors: ReadonlyMap<string, Cursor>,
): Promise<BreachCounts[]> {
  const spoilt = await views.list(spoiltPartition(tenantId));
  return [
    ...[...cursors.values()].map(({ watch }) => watch?.breaches ?? {}),
    ...spoilt.map(({ doc }) => ({ HASH_CHAIN: { count: 1, last: doc as KeptBreach } })), // the partition holds nothing else
  ];
}

/** @returns the breaches together, with the one of each invariant that was written last */
function addedUp(counted: readonly BreachCounts[]): BreachCounts {
  const total: BreachCounts = {};
  for (const name of INVARIANTS) {
    const own = counted.filter((counts) => counts[name]);
    for (const counts of own.toSorted((a, b) => compare(a, b, name))) addBreaches(total, { [name]: counts[name] });
  }
  return total;
}

function compare(a: BreachCounts, b: BreachCounts, name: InvariantName): number {
  return (a[name]?.last.at ?? '') < (b[name]?.last.at ?? '') ? -1 : 1;
}

/** Rows of earlier versions counted nothing: from such a row on the counting began. */
function countedAfter({ seq, watch }: Cursor): number {
  return watch ? (watch.since ?? 0) : seq;
}

async function readLastDigest({
  views,
  tenantId,
  sha256,
}: QueryContext): Promise<{ number: number; at: string } | null> {
  const { digests } = await readDigestCopies(views, { tenantId, limit: 1 });
  const [last] = digests;
  if (!last) return null;
  const { number, at } = digestSummaryOf(last, sha256);
  return { number, at };
}
