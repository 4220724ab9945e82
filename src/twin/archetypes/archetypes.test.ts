import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { archetypeOf } from './index.ts';
import { productTerms } from './product-terms.ts';

const FIXTURE = join(import.meta.dirname, '../../../test/fixtures/contract-payloads.json');
// The fixture is the specification's text as JSON.
const published = JSON.parse(readFileSync(FIXTURE, 'utf8')) as {
  commandType: string;
  payload: { productCode?: string };
}[];
const cuDigital = archetypeOf('CU_DIGITAL');

test('CU_DIGITAL and its first three products are the specification’s own payloads', () => {
  expect(cuDigital.tenant).toEqual(published.find((command) => command.commandType === 'CreateTenant')?.payload);
  const products = published
    .filter((command) => command.commandType === 'UpsertProduct')
    .map((command) => command.payload);
  expect(products).toHaveLength(3);
  for (const product of products) expect(cuDigital.products).toContainEqual(product);
  const codes = cuDigital.products.map((product) => product.productCode);
  expect(codes).toEqual(['TXN_ACCOUNT_BASIC', 'SAVINGS_STANDARD', 'TERM_6M', 'PL_CLASSIC']);
});

test('another tenant lives alike under its own name', () => {
  const other = archetypeOf('CU_TRIAL');
  expect(other.tenant.tenantCode).toBe('CU_TRIAL');
  expect(other.products).toEqual(cuDigital.products);
});

test('reads the terms in minor units and parts per million', () => {
  expect(productTerms(cuDigital)).toMatchObject({
    atmFeeOtherMinor: 250,
    savings: { basePpm: 15_000, bonusPpm: 30_000, bonusMinDepositMinor: 20_000, bonusMaxWithdrawals: 1 },
    loan: { ratePpm: 119_900, establishmentFeeMinor: 25_000, minIncomeMinor: 3_000_000, maxDebtToIncome: 0.4 },
  });
  expect(() => productTerms({ ...cuDigital, products: [] })).toThrow(/product "TXN_ACCOUNT_BASIC"/);
});
