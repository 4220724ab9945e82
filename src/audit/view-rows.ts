import { CATALOG, chainOfId } from '../core/chain/name.ts';
import { accountKey, customerKey } from '../views/keys.ts';
import type { StoredItem } from './source.ts';

/** @returns the chain that a row of the views is about, as its key tells; undefined where it tells of none */
export function chainOfRow({ pk, sk }: StoredItem): string | undefined {
  const [, kind = '', name = ''] = String(pk).split('#');
  switch (kind) {
    case 'account':
    case 'customer':
      return chainOfId(name);
    case 'product':
      return CATALOG;
    case 'accounts':
    case 'customers':
    case 'products':
    case 'breaches':
      return name;
    case 'ledger':
    case 'cursor':
      return String(sk).split('#')[0];
    default:
      return undefined;
  }
}

/** @returns what the partition keys begin with of the rows that a chain has one or more of for each customer and account */
export function keysOfChain(tenantId: string, chain: string): string[] {
  return [accountKey(tenantId, `acc_${chain}_`).pk, customerKey(tenantId, `cust_${chain}_`).pk];
}
