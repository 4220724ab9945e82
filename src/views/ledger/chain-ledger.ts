import type { ChainRef } from '../../core/chain/name.ts';
import { ledgerKey } from '../keys.ts';
import type { Cursor } from '../projection/cursor.ts';
import type { Row } from '../row.ts';
import { LedgerLine } from './ledger-line.ts';
import { LEDGER_ROW_LINES, type LedgerLines, type LedgerRow } from './ledger-row.ts';

interface WorkingRow {
  /** Last event that the row holds; the cursor's own lines go with the cursor, which no event passes twice. */
  seq: number;
  lines: Map<string, LedgerLine>;
  changed: boolean;
}

/** A chain's share of the ledger while a round adds to it: the lines of the cursor and those of all further rows. */
export class ChainLedger {
  readonly #rows: WorkingRow[];
  readonly #rowOfLine = new Map<string, WorkingRow>();

  /** @param further the chain's further rows, as many as the cursor counts */
  constructor(cursor: Cursor, further: readonly (LedgerRow | undefined)[]) {
    const rows = [{ seq: 0, lines: cursor.ledgerLines }, ...further.map((row) => row ?? { seq: 0, lines: {} })];
    this.#rows = rows.map(({ seq, lines }) => {
      const row: WorkingRow = { seq, lines: new Map(), changed: false };
      for (const [name, sums] of Object.entries(lines)) {
        row.lines.set(name, new LedgerLine(sums));
        this.#rowOfLine.set(name, row);
      }
      return row;
    });
  }

  /** Adds a change to a line, which may be new. */
  add(name: string, change: { seq: number; deltaMinor: number }): void {
    const row = this.#rowOfLine.get(name) ?? this.#newLine(name);
    if (row.seq >= change.seq) return;
    row.lines.get(name)?.add(change.deltaMinor);
    row.seq = change.seq;
    row.changed = true;
  }

  /**
   * @returns debits less credits of a line before an event, zero where the line is new; undefined where its row holds the event
   * already
   */
  balanceBefore(name: string, seq: number): number | undefined {
    const row = this.#rowOfLine.get(name);
    if (!row) return 0;
    return row.seq >= seq ? undefined : row.lines.get(name)?.balanceMinor;
  }

  /** What a cursor says of the ledger. */
  inCursor(): Pick<Cursor, 'ledgerLines' | 'ledgerRows'> {
    const [own, ...further] = this.#rows;
    return { ledgerLines: own ? stored(own) : {}, ledgerRows: further.length };
  }

  /** @returns the further rows that have changed since it was asked last */
  takeChanged(ref: ChainRef): Row[] {
    return this.#rows.slice(1).flatMap((row, index) => {
      if (!row.changed) return [];
      row.changed = false;
      return [{ key: ledgerKey(ref, index), doc: { seq: row.seq, lines: stored(row) } }];
    });
  }

  /** Lines stand on the first row with room, or a new one. */
  #newLine(name: string): WorkingRow {
    let row = this.#rows.find(({ lines }) => lines.size < LEDGER_ROW_LINES);
    if (!row) {
      row = { seq: 0, lines: new Map(), changed: false };
      this.#rows.push(row);
    }
    row.lines.set(name, new LedgerLine());
    this.#rowOfLine.set(name, row);
    return row;
  }
}

function stored({ lines }: WorkingRow): LedgerLines {
  return Object.fromEntries([...lines].map(([name, line]) => [name, line.stored()]));
}
