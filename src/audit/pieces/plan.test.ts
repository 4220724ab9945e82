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
const longest = (pieces: readonly Piece[]) =>
  Math.max(
    ...pieces.map(({ pieces: all, piece, looks }) =>
      (all[piece] ?? []).reduce((sum, chain) => sum + (looks[chain]?.[0] ?? 0), 0),
    ),
  );

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

  it('fit together, whatever the tenants are, and no tenants are refused of which one piece each fits', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 20_000_000 }), { minLength: 1, maxLength: 99, size: 'max' });
    const tenants = fc.array(lengths, { minLength: 1, maxLength: 42, size: 'max' });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(tenants, async (all) => {
        const wholes = all.map((each) => leastBytes({ pieces: [chainsOf(each.length)], piece: 0 }));
        const doFit = all.length <= 40 && wholes.reduce((sum, bytes) => sum + bytes, 0) <= BYTES_OF_ALL;
        const planned = await planAudit({ source: ledgerOf(all) }).catch(String);
        if (typeof planned === 'string') {
          expect(planned).toBe(
            `TooManyTenantsError: Cannot audit ${all.length} tenants in one execution: name one tenant`,
          );
          refused += 1;
        } else {
          expect(planned.length).toBeLessThanOrEqual(40);
          const together = planned.reduce((sum, { maxBytes }) => sum + maxBytes, -STRANGERS_BYTES);
          expect(together).toBeLessThanOrEqual(BYTES_OF_ALL);
          for (const [index, piece] of planned.entries())
            expect(piece.maxBytes - (index === 0 ? STRANGERS_BYTES : 0)).toBeGreaterThanOrEqual(leastBytes(piece));
          // Each chain of each tenant is in one piece.
          const read = planned.flatMap(({ tenantId, pieces, piece }) =>
            (pieces[piece] ?? []).map((chain) => `${tenantId} ${chain}`),
          );
          const due = all.flatMap((each, tenant) => chainsOf(each.length).map((chain) => `CU_${tenant} ${chain}`));
          expect(read.toSorted()).toEqual(due.toSorted());
        }
        expect(typeof planned === 'string').toBe(!doFit);
      }),
      { numRuns: 100, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(100);
  });

  it.each([
    ['two tenants of sixteen million events', lengthsOf(2, 16), 18, 2_000_000],
    ['five of them', lengthsOf(5, 16), 40, 2_000_001],
    ['forty of them', lengthsOf(40, 16), 40, 16_000_001],
  ])('are of larger pieces rather than of none: %s', async (_what, chains, count, events) => {
    const planned = await planAudit({ source: ledgerOf(chains.map((each) => lengthsOf(each, 1_000_000))) });
    expect(planned).toHaveLength(count);
    expect(longest(planned)).toBe(events);
  });
});

it.each([
  [1, 8_000],
  [2, 80_000],
  [4, 100_000],
  [6, 200_000],
])(
  'has %i pieces for 24 chains of %i events, so that of two at work neither waits for the other',
  async (count, events) => {
    const planned = await planAudit({ source: ledgerOf([lengthsOf(24, events)]) });
    expect(planned).toHaveLength(count);
    expect(longest(planned)).toBe((24 / count) * events + 1);
  },
);
