import { describe, expect, it } from 'vitest';
import type { ProductTerms } from '../../contract/events.ts';
import { decideUpsertProduct, type Product } from './product.ts';

const meta = { commandId: 'c', occurredAt: '2025-01-01T00:00:00Z', actor: 'SYSTEM:X', key: 'k', digest: 'd' };
const saver: Product = {
  productCode: 'SAVER',
  name: 'Saver',
  productType: 'DEPOSIT',
  status: 'ACTIVE',
  interest: { rate: 0.01 },
};
const upsert = (change: Partial<ProductTerms>, product?: Product) =>
  decideUpsertProduct({ ...meta, type: 'UpsertProduct', payload: { ...saver, ...change } }, product);

describe('decideUpsertProduct', () => {
  it('creates a product that is new and updates one that is there', () => {
    expect(upsert({})).toMatchObject({ outcome: 'accepted', events: [{ type: 'ProductCreated', entityId: 'SAVER' }] });
    expect(upsert({ name: 'New' }, saver)).toMatchObject({
      events: [{ type: 'ProductUpdated', payload: { name: 'New' } }],
    });
  });

  it.each<[string, Partial<ProductTerms>]>([
    ['a minimum balance above the maximum', { constraints: { minBalanceMinor: 101, maxBalanceMinor: 100 } }],
    ['a minimum amount above the maximum', { constraints: { minAmountMinor: 101, maxAmountMinor: 100 } }],
    ['an overdraft limit without an overdraft', { constraints: { overdraftLimitMinor: 1 } }],
    ['a default term that is not offered', { constraints: { termMonthsDefault: 6, termMonthsOptions: [12, 24] } }],
    ['a term deposit without a term', { productType: 'TERM_DEPOSIT', constraints: {} }],
  ])('refuses %s', (_, change) => {
    expect(upsert(change)).toMatchObject({ outcome: 'refused', error: 'ConstraintsInconsistent' });
  });

  it.each<[string, Partial<ProductTerms>]>([
    ['equal bounds', { constraints: { minBalanceMinor: 100, maxBalanceMinor: 100 } }],
    ['no upper bound', { constraints: { minBalanceMinor: 100, maxBalanceMinor: null } }],
    ['an overdraft', { constraints: { allowOverdraft: true, overdraftLimitMinor: 100 } }],
    ['a rate of zero', { interest: { rate: 0, bonusRate: 0 } }],
    [
      'a term deposit whose term is its only option',
      { productType: 'TERM_DEPOSIT', constraints: { termMonthsOptions: [6] } },
    ],
  ])('takes %s', (_, change) => {
    expect(upsert(change).outcome).toBe('accepted');
  });

  it.each(['rate', 'baseRate', 'bonusRate'])('refuses a negative %s', (name) => {
    expect(upsert({ interest: { [name]: -0.0001 } })).toMatchObject({ error: 'RateNegative', details: { rate: name } });
  });
});
