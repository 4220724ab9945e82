import type { LedgerClient } from '../../../src/sdk/client.ts';
import { createCustomer, createTenant, openAccount, products } from '../../support/ledger.ts';
import { entityOf, submitBatch } from './submit.ts';

export interface Member {
  customerId: string;
  accountId: string;
}

/** Opens a tenant with its products and members over HTTP, each member with an account that holds `deposit`. */
export async function openBank(
  ledger: LedgerClient,
  options: { tenantId: string; members: number; deposit?: number },
): Promise<Member[]> {
  const { tenantId, members } = options;
  const opened = await submitBatch(ledger, tenantId, [createTenant(tenantId), ...products(tenantId)]);
  for (const result of opened) entityOf(result);
  return addMembers(ledger, { ...options, from: 0, to: members });
}

/** Adds the members numbered `from` to `to − 1`. */
export async function addMembers(
  ledger: LedgerClient,
  options: { tenantId: string; from: number; to: number; deposit?: number },
): Promise<Member[]> {
  const { tenantId, from, to, deposit = 100 } = options;
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const customers = await submitBatch(
    ledger,
    tenantId,
    numbers.map((number) => createCustomer(number, { tenantId })),
  );
  const customerIds = customers.map(entityOf);
  const openings = customerIds.map((customerId, index) =>
    openAccount(customerId, { id: `account ${from + index} ${tenantId}`, initialDeposit: deposit, tenantId }),
  );
  const accounts = await submitBatch(ledger, tenantId, openings);
  return accounts.map((result, index) => ({ customerId: customerIds[index] ?? '', accountId: entityOf(result) }));
}
