import type { Sha256 } from '../../core/chain/hash.ts';
import type { Journal } from '../../journal/port.ts';
import type { ViewStore } from '../port.ts';
import { getAccountBalance } from './get-account-balance.ts';
import { getAccountEvents } from './get-account-events.ts';
import { getAccount } from './get-account.ts';
import { getChainLines } from './get-chain-lines.ts';
import { getCustomer } from './get-customer.ts';
import { getDigest } from './get-digest.ts';
import { getEntry } from './get-entry.ts';
import { getInvariants } from './get-invariants.ts';
import { getTrialBalance } from './get-trial-balance.ts';
import { listAccounts } from './list-accounts.ts';
import { listChains } from './list-chains.ts';
import { listCustomers } from './list-customers.ts';
import { listDigests } from './list-digests.ts';
import { listProducts } from './list-products.ts';
import { type Parameters, type Query, type QueryAnswer, type QueryId, type Result, notFound } from './query.ts';
import { createTenantReader } from './read-tenant.ts';

const QUERIES: { [Id in QueryId]: Query<Id> } = {
  listCustomers,
  getCustomer,
  listAccounts,
  getAccount,
  getAccountEvents,
  getAccountBalance,
  listProducts,
  getEntry,
  getTrialBalance,
  getInvariants,
  listChains,
  getChainLines,
  listDigests,
  getDigest,
};

/** Answers queries. @throws when the journal or the views cannot be read */
export interface Queries {
  answer<Id extends QueryId>(id: Id, parameters: Parameters<Id>): Promise<QueryAnswer<Result<Id>>>;
}

/** @param dataOf where the data of a tenant are read, with credentials for this tenant only */
export function createQueries(options: {
  dataOf: (tenantId: string) => { journal: Journal; views: ViewStore };
  sha256: Sha256;
}): Queries {
  const { dataOf, sha256 } = options;
  const readTenant = createTenantReader();
  return {
    async answer(id, parameters) {
      const { tenantId } = parameters;
      const { journal, views } = dataOf(tenantId);
      const tenant = await readTenant(journal, tenantId);
      if (!tenant) return notFound('tenant', tenantId);
      return QUERIES[id]({ tenantId, tenant, journal, views, sha256 }, parameters);
    },
  };
}
