import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainsOf, parseChainName } from '../../core/chain/name.ts';
import type { Crossing } from '../crossings.ts';
import type { ChainHead } from '../result.ts';
import type { PlanSource } from '../source.ts';
import { TestBank } from '../testing/bank.ts';
import { memorySource } from '../testing/memory-source.ts';
import { type Piece, planAudit } from './plan.ts';

/** What the results of all pieces may have together, and what belongs to no tenant. */
const BYTES_OF_ALL = 205_000;
const STRANGERS_BYTES = 12_000;

/** Counts of a piece, and the name of a chain, at the least. */
const COUNTS_BYTES = 2_800;
const NAME_BYTES = 6;

const HASH = 'f'.repeat(64);
const HEAD: ChainHead = { chain: '98', headSeq: 99_999_999, headHash: HASH };
const CROSSING: Crossing = { with: 16, legs: 99_999_999, events: 99_999_999, digest: HASH, doubtful: true };
/** Each with its comma. */
const headBytes = JSON.stringify(HEAD).length + 1;
const crossingBytes = JSON.stringify(CROSSING).length + 1;

/** The longest that the least result of a piece can be. */
function leastBytes({ pieces, piece }: Pick<Piece, 'pieces' | 'piece'>): number {
  const crossings = 2 * (pieces.length - 1) * crossingBytes;
  return COUNTS_BYTES + NAME_BYTES * pieces.flat().length + headBytes * (pieces[piece]?.length ?? 0) + crossings;
}

/** A ledger of tenants whose chains are said to be so long; their catalogs have one event. */
function ledgerOf(tenants: readonly (readonly number[])[]): PlanSource {
  const nameOf = (tenant: number) => `CU_${tenant}`;
  const journal = tenants.flatMap((lengths, tenant) => {
    const bank = new TestBank(nameOf(tenant));
    bank.createTenant(lengths.length);
    return bank.items();
  });
  const lengthsOf = new Map(tenants.map((lengths, tenant) => [nameOf(tenant), lengths]));
  return {
    ...memorySource({ journal, views: [] }),
    lastItem: async (pk) => {
      const { tenantId = '', chain } = parseChainName(pk) ?? {};
      return { sk: 1, last: chain === 'catalog' ? 1 : (lengthsOf.get(tenantId)?.[Number(chain)] ?? 0) };
    },
  };
}

const lengthsOf = (chains: number, events: number) => Array.from({ length: chains }, () => events);
const tenantsOf = (tenants: number, chains: number, events: number) =>
  Array.from({ length: tenants }, () => lengthsOf(chains, events));
const longest = (pieces: readonly Piece[]) =>
  Math.max(
    ...pieces.map(({ pieces: all, piece, looks }) =>
      (all[piece] ?? []).reduce((sum, chain) => sum + (looks[chain]?.[0] ?? 0), 0),
    ),
  );

/** Most events of a piece of several chains, where no others are asked for. */
const EVENTS_A_PIECE_MAX = 3_000_000;

/** The fewest pieces of a tenant's chains, its catalog last, of which none but a single chain is longer than that. */
function fewestPieces(lengths: readonly number[], eventsMax: number): number {
  let [count, events] = [0, Infinity];
  for (const length of [...lengths, 1]) {
    events += length;
    if (events <= eventsMax) continue;
    count += 1;
    events = length;
  }
  return count;
}

/** Whether the results of all tenants fit, in the fewest pieces. */
function doFit(tenants: readonly (readonly number[])[], eventsMax: number): boolean {
  const counts = tenants.map((each) => fewestPieces(each, eventsMax));
  // As if the first piece had all chains: their heads take as much wherever they are.
  const bytes = tenants.flatMap((each, tenant) => {
    const all = chainsOf(each.length);
    const pieces = Array.from({ length: counts[tenant] ?? 0 }, (_, index) => (index === 0 ? all : []));
    return pieces.map((_, piece) => leastBytes({ pieces, piece }));
  });
  return tenants.length <= 40 && Math.max(...counts) <= 17 && bytes.length <= 40 && sum(bytes) <= BYTES_OF_ALL;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Events of all chains of a piece, unless it is one alone. */
const eventsTogether = ({ pieces, piece, looks }: Piece) => {
  const own = pieces[piece] ?? [];
  return own.length > 1 ? sum(own.map((chain) => looks[chain]?.[0] ?? 0)) : 0;
};

describe('the results of a plan’s pieces', () => {
  it('may be as long as their heads and crossings are, each', async () => {
    const [alone, ...divided] = await planAudit({
      source: ledgerOf([lengthsOf(4, 1), [1_000_000, 1_000, 1_000, 1_000]]),
    });
    const [first, second] = divided;
    if (!alone || !first || !second) throw new Error('There are three pieces');
    expect(divided.map(({ pieces, piece }) => pieces[piece])).toEqual([['00'], ['01', '02', '03', 'catalog']]);
    expect(second.maxBytes - first.maxBytes).toBe(3 * headBytes);
    // The first of all has room for strangers too, and five heads.
    expect(second.maxBytes - (alone.maxBytes - STRANGERS_BYTES)).toBe(2 * crossingBytes - headBytes);
  });

  it('fit together, no piece is larger than it may be, and no tenants are refused that fit in the largest', async () => {
    const tenantsUpTo = (most: number) =>
      fc.array(fc.array(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: 99, size: 'max' }), {
        minLength: 1,
        maxLength: 42,
        size: 'max',
      });
    const ledgers = fc.oneof(...[1_000, 100_000, 1_000_000, 20_000_000].map(tenantsUpTo));
    const asked = fc.constantFrom(undefined, 500_000, 10_000_000);
    const came = { planned: 0, TooManyTenantsError: 0, TooManyPiecesError: 0 };
    await fc.assert(
      fc.asyncProperty(ledgers, asked, async (all, eventsAPiece) => {
        const eventsMax = eventsAPiece ?? EVENTS_A_PIECE_MAX;
        const planned = await planAudit({ source: ledgerOf(all), eventsAPiece }).catch(String);
        expect(typeof planned).toBe(doFit(all, eventsMax) ? 'object' : 'string');
        if (typeof planned === 'string') {
          const isOfTenants = all.length > 40 || (all.length > 1 && eventsAPiece === undefined);
          const name = isOfTenants ? 'TooManyTenantsError' : 'TooManyPiecesError';
          expect(planned).toMatch(new RegExp(`^${name}: Cannot audit `));
          came[name] += 1;
          return;
        }
        came.planned += 1;
        expect(planned.length).toBeLessThanOrEqual(40);
        expect(sum(planned.map(({ maxBytes }) => maxBytes)) - STRANGERS_BYTES).toBeLessThanOrEqual(BYTES_OF_ALL);
        for (const [index, piece] of planned.entries()) {
          expect(piece.maxBytes - (index === 0 ? STRANGERS_BYTES : 0)).toBeGreaterThanOrEqual(leastBytes(piece));
          expect(eventsTogether(piece)).toBeLessThanOrEqual(eventsMax);
        }
        // Each chain of each tenant is in one piece.
        const read = planned.flatMap(({ tenantId, pieces, piece }) =>
          (pieces[piece] ?? []).map((chain) => `${tenantId} ${chain}`),
        );
        const due = all.flatMap((each, tenant) => chainsOf(each.length).map((chain) => `CU_${tenant} ${chain}`));
        expect(read.toSorted()).toEqual(due.toSorted());
      }),
      { numRuns: 200, endOnFailure: true },
    );
    for (const count of Object.values(came)) expect(count).toBeGreaterThan(0);
  });

  it.each([
    ['two tenants of sixteen million events', tenantsOf(2, 16, 1_000_000), 18, 2_000_000],
    ['five of them', tenantsOf(5, 16, 1_000_000), 40, 2_000_001],
    ['twenty of a single chain, however long', tenantsOf(20, 1, 10_000_000), 40, 10_000_000],
  ])('are of larger pieces rather than of none: %s', async (_what, tenants, count, events) => {
    const planned = await planAudit({ source: ledgerOf(tenants) });
    expect(planned).toHaveLength(count);
    expect(longest(planned)).toBe(events);
  });
});

describe('pieces that the function could not hold', () => {
  it('are refused, and one tenant of them is not', async () => {
    const source = ledgerOf(tenantsOf(20, 16, 531_250));
    await expect(planAudit({ source })).rejects.toThrow('Cannot audit 20 tenants in one execution: name one tenant');
    expect(longest(await planAudit({ source, tenantId: 'CU_7' }))).toBe(1_062_501);
  });

  it('are refused where smaller ones were asked for', async () => {
    const source = ledgerOf(tenantsOf(5, 16, 1_000_000));
    await expect(planAudit({ source, eventsAPiece: 1_500_000 })).rejects.toThrow(
      'Cannot audit 5 tenants in pieces of 1,500,000 events at most, there would be too many: name one tenant, or a larger eventsAPiece',
    );
    expect(longest(await planAudit({ source, eventsAPiece: 2_500_000 }))).toBe(2_000_001);
  });

  it('are those of a tenant with many long chains, unless larger ones are asked for', async () => {
    const source = ledgerOf(tenantsOf(1, 19, 2_000_000));
    await expect(planAudit({ source })).rejects.toThrow(
      'Cannot audit CU_0 in pieces of 3,000,000 events at most, there would be too many: name a larger eventsAPiece',
    );
    expect(longest(await planAudit({ source, eventsAPiece: 7_000_000 }))).toBe(6_000_000);
  });
});

it.each([
  [1, 8_000],
  [2, 80_000],
  [4, 150_000],
  [6, 250_000],
])(
  'has %i pieces for 24 chains of %i events, so that of two at work neither waits for the other',
  async (count, events) => {
    const planned = await planAudit({ source: ledgerOf([lengthsOf(24, events)]) });
    expect(planned).toHaveLength(count);
    expect(longest(planned)).toBe((24 / count) * events + 1);
  },
);
