import { ledgerPartition } from '../keys.ts';
import { addSums, type LedgerRow, type LedgerSums, sumsOf } from '../ledger/ledger-row.ts';
import type { ViewStore } from '../port.ts';

/** @returns exact debits and credits of each line, in minor units, all chains together */
export async function readLedger(views: ViewStore, tenantId: string): Promise<Map<string, LedgerSums>> {
  const sums = new Map<string, LedgerSums>();
  for (const { doc } of await views.list(ledgerPartition(tenantId))) {
    const { lines } = doc as LedgerRow; // the partition holds nothing else
    for (const [line, stored] of Object.entries(lines)) {
      sums.set(line, addSums(sums.get(line) ?? sumsOf(undefined), sumsOf(stored)));
    }
  }
  return sums;
}
