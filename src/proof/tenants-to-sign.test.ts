import { expect, it } from 'vitest';
import { createMemoryDigests } from './memory-store.ts';
import { tenantsToSign } from './tenants-to-sign.ts';
import { digestedBank } from './testing/bank-export.ts';

it('tenants are due that the journal names, and those that have digests, each once', async () => {
  const { store } = await digestedBank({ digests: 2, tenant: 'CU_B' });
  const journal = (...names: string[]) => ({ tenants: async () => names });
  expect(await tenantsToSign({ journal: journal('CU_C', 'CU_A'), store })).toEqual(['CU_A', 'CU_B', 'CU_C']);
  expect(await tenantsToSign({ journal: journal('CU_B'), store })).toEqual(['CU_B']);
  expect(await tenantsToSign({ journal: journal('CU_A'), store: createMemoryDigests() })).toEqual(['CU_A']);
});
