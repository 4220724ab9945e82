import { isGeneralLedger, type ChainRef } from '../../core/chain/name.ts';
import { accountKey, cursorKey, ledgerKey } from '../keys.ts';
import type { WorkingRows } from '../projection/working-rows.ts';
import type { Reducer } from '../reducer.ts';
import {
  addSums,
  LEDGER_ROW_LINES,
  type LedgerRow,
  type LedgerSums,
  ledgerLineOf,
  type StoredSums,
  sumsOf,
} from './ledger-row.ts';

/**
 * The chain's share of the trial balance. Each account of an entry counts on its own chain, GL accounts on the entry's home
 * chain, so the shares of all chains add up to zero once all have been projected equally far.
 */
export const ledgerReducer: Reducer = {
  keys(event, { tenantId }) {
    if (event.type !== 'AccountBalanceUpdated' || isGeneralLedger(event.entityId)) return [];
    return [accountKey(tenantId, event.entityId)];
  },

  apply(rows, event, place) {
    if (event.type !== 'AccountBalanceUpdated') return;
    const productCode = isGeneralLedger(event.entityId)
      ? undefined
      : rows.get(accountKey(place.tenantId, event.entityId))?.productCode;
    const line = ledgerLineOf(event.entityId, productCode);
    const { page, row } = rowOf(rows, place, line);
    if (row.seq >= event.seq) return;
    const { debitsMinor, creditsMinor } = addSums(sumsOf(row.lines[line]), turnoverOf(event.payload.deltaMinor));
    const sums: StoredSums = [String(debitsMinor), String(creditsMinor)];
    rows.put(ledgerKey(place, page), { seq: event.seq, lines: { ...row.lines, [line]: sums } });
  },
};

function turnoverOf(deltaMinor: number): LedgerSums {
  // Only a forged line holds anything but an integer. It counts for nothing: monitor and audit report it, and the chain goes on.
  const delta = Number.isInteger(deltaMinor) ? BigInt(deltaMinor) : 0n;
  return delta >= 0n ? { debitsMinor: delta, creditsMinor: 0n } : { debitsMinor: 0n, creditsMinor: -delta };
}

/** @returns the chain's sums for a line; undefined for a line that does not stand there yet */
export function ledgerSumsOf(
  rows: WorkingRows,
  ref: ChainRef,
  line: string,
): { sums: LedgerSums; seq: number } | undefined {
  for (let page = 0; page < (rows.get(cursorKey(ref))?.ledgerRows ?? 0); page += 1) {
    const row = rows.get(ledgerKey(ref, page));
    const stored = row?.lines[line];
    if (row && stored) return { sums: sumsOf(stored), seq: row.seq };
  }
  return undefined;
}

/** @returns the row that holds the line or will: the first with room, or a new one */
function rowOf(rows: WorkingRows, ref: ChainRef, line: string): { page: number; row: LedgerRow } {
  const cursor = rows.get(cursorKey(ref));
  if (!cursor) throw new Error('Cannot extend a ledger without a cursor');
  let room: { page: number; row: LedgerRow } | undefined;
  for (let page = 0; page < cursor.ledgerRows; page += 1) {
    const row = rows.get(ledgerKey(ref, page)) ?? { seq: 0, lines: {} };
    if (row.lines[line]) return { page, row };
    if (!room && Object.keys(row.lines).length < LEDGER_ROW_LINES) room = { page, row };
  }
  if (room) return room;
  rows.put(cursorKey(ref), { ...cursor, ledgerRows: cursor.ledgerRows + 1 });
  return { page: cursor.ledgerRows, row: { seq: 0, lines: {} } };
}
