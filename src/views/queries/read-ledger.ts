import { ledgerPartition } from '../keys.ts';
import type { LedgerRow, LedgerSums } from '../ledger/ledger-row.ts';
import type { ViewStore } from '../port.ts';

/** @returns debits and credits of each line, in minor units, all chains together */
export async function readLedger(views: ViewStore, tenantId: string): Promise<Map<string, LedgerSums>> {
  const sums = new Map<string, LedgerSums>();
  for (const { doc } of await views.list(ledgerPartition(tenantId))) {
    const { lines } = doc as LedgerRow; // the partition holds nothing else
    for (const [line, [debitsMinor, creditsMinor]] of Object.entries(lines)) {
      const [debits, credits] = sums.get(line) ?? [0, 0];
      sums.set(line, [debits + debitsMinor, credits + creditsMinor]);
    }
  }
  return sums;
}
