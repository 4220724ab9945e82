import { expect, it } from 'vitest';
import { VIOLATION_CODES } from '../../contract/refusals.ts';
import { chainsOf } from '../../core/chain/name.ts';
import { audit } from '../audit.ts';
import type { StoredItem } from '../source.ts';
import { TestBank } from '../testing/bank.ts';
import { memorySource } from '../testing/memory-source.ts';
import { joinAudits, pairsOf } from './join.ts';
import { auditPair } from './pair.ts';
import { auditPiece } from './piece.ts';
import { planAudit } from './plan.ts';

/** What Step Functions passes from state to state, and gives out at the end. */
const PAYLOAD_MAX_BYTES = 256 * 1_024;
const TENANTS = 40;
const CHAINS = 16;
/** Three bytes each in UTF-8. */
const LONG_NAME = '食'.repeat(62);
const GROUPS = 50;

/** A bank with everything that makes the result of an audit long: groups, days, refusals of every kind, damage on every chain. */
function fullBank(tenantId: string): TestBank {
  const bank = new TestBank(tenantId);
  bank.createTenant(CHAINS);
  const products = Array.from({ length: GROUPS }, (_, number) => `PRODUCT_WITH_A_LONG_NAME_${number}`);
  for (const product of products) bank.product(product);
  for (const [index, chain] of chainsOf(CHAINS).slice(0, CHAINS).entries()) {
    const customer = bank.customer(chain, index);
    for (let number = index; number < GROUPS; number += CHAINS) {
      const account = bank.open(customer, { productCode: products[number]! });
      const date = `2025-${String((number % 12) + 1).padStart(2, '0')}-${String((number % 28) + 1).padStart(2, '0')}`;
      const entry = { bookingDate: date, valueDate: date, tags: { category: `${LONG_NAME}${number}` } };
      bank.post({ [account]: -9_000_000_000_00, GL_CASH: 9_000_000_000_00 }, { entry });
    }
    const forged = bank.post({ GL_CASH: 1, GL_FEES: -1 }).events[0]!;
    Object.assign(forged, { type: LONG_NAME.repeat(10) });
  }
  for (const error of VIOLATION_CODES) bank.refuse('catalog', 'PostEntry', error);
  return bank;
}

it('the results of as many tenants as there may be pass from state to state, whatever was found in each', async () => {
  const journal = Array.from({ length: TENANTS }, (_, number) =>
    fullBank(`CU_WITH_LONG_NAME_${number}`).items(),
  ).flat();
  const strays = Array.from({ length: 15 }, (_, number): StoredItem => ({
    pk: `${number}${LONG_NAME.repeat(10)}#x`,
    sk: 'x',
  }));
  const source = memorySource({ journal, views: strays });
  const pieces = await planAudit({ source });
  expect(pieces).toHaveLength(TENANTS);
  const audits = [];
  for (const piece of pieces) audits.push(await auditPiece(piece, { source, waitMs: 0 }));
  for (const [index, each] of audits.entries()) expect(bytesOf(each)).toBeLessThanOrEqual(pieces[index]!.maxBytes);
  const pairs = [];
  for (const pair of pairsOf(audits)) pairs.push(await auditPair(pair, source));
  expect(bytesOf({ waitMs: 60_000, pieces: audits, pairs })).toBeLessThan(PAYLOAD_MAX_BYTES - 40_000);

  const joined = joinAudits(audits, pairs);
  expect(bytesOf(joined)).toBeLessThan(PAYLOAD_MAX_BYTES);
  // Not a count is lost by that.
  const whole = await audit({ source, waitMs: 0 });
  expect(joined.invariants).toEqual(whole.invariants);
  expect(joined.invariants.HASH_CHAIN.breaches).toBeGreaterThanOrEqual(TENANTS * CHAINS);
  const countsOf = ({ tenants }: typeof whole) =>
    tenants.map(({ statistics: { entries, volumeMinor, refusedByError } }) => ({
      entries,
      volumeMinor,
      refusedByError,
    }));
  expect(countsOf(joined)).toEqual(countsOf(whole));
});

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
