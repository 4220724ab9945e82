import { ledgerPartition } from '../keys.ts';
import { addSums, type LedgerRow, type LedgerSums, sumsOf } from '../ledger/ledger-row.ts';
import type { ViewStore } from '../port.ts';
import type { Cursor } from '../projection/cursor.ts';
import { readCursors } from './read-cursors.ts';

/**
 * @param cursorsOfChains the tenant's cursors if they were just read
 * @returns exact debits and credits of each line, in minor units, all chains together
 */
export async function readLedger(
  views: ViewStore,
  tenantId: string,
  cursorsOfChains?: ReadonlyMap<string, Cursor>,
): Promise<Map<string, LedgerSums>> {
  const cursors = [...(cursorsOfChains ?? (await readCursors(views, tenantId))).values()];
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
