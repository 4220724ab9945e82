import { ledgerPartition } from '../keys.ts';
import { addSums, type LedgerRow, type LedgerSums, sumsOf } from '../ledger/ledger-row.ts';
import type { ViewStore } from '../port.ts';
import { readCursors } from './read-cursors.ts';

/** @returns exact debits and credits of each line, in minor units, all chains together */
export async function readLedger(views: ViewStore, tenantId: string): Promise<Map<string, LedgerSums>> {
  const cursors = [...(await readCursors(views, tenantId)).values()];
  const further = cursors.some(({ ledgerRows }) => ledgerRows > 0) ? await views.list(ledgerPartition(tenantId)) : [];
  const sums = new Map<string, LedgerSums>();
  // The further partition holds nothing but ledger rows.
  for (const lines of [
    ...cursors.map(({ ledgerLines }) => ledgerLines),
    ...further.map(({ doc }) => (doc as LedgerRow).lines),
  ]) {
    for (const [line, stored] of Object.entries(lines))
      sums.set(line, addSums(sums.get(line) ?? sumsOf(undefined), sumsOf(stored)));
  }
  return sums;
}
