import { CATALOG, chainOfId } from '../core/chain/name.ts';
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
