import { type Row, type RowKey, keyText } from '../row.ts';

/**
 * The rows that a round of projecting reads and changes. Documents are never changed in place: a reducer puts a new one,
 * so that a round that fails leaves nothing half done behind in the cache.
 */
export class WorkingRows {
  readonly #known: ReadonlyMap<string, unknown>;
  readonly #changed = new Map<string, Row>();
  readonly #sealed: Row[] = [];

  /** @param known documents by `keyText`; undefined for a row that is known not to exist */
  constructor(known: ReadonlyMap<string, unknown>) {
    this.#known = known;
  }

  /** @throws when the row was not loaded: a reducer reads what its `keys` name, no more */
  get<Doc>(key: RowKey<Doc>): Doc | undefined {
    const text = keyText(key);
    const changed = this.#changed.get(text);
    // Casts: `put` and the loader take a key and a document of the same type.
    if (changed) return changed.doc as Doc;
    const doc = this.#known.get(text);
    if (doc === undefined && !this.#known.has(text)) throw new Error(`Cannot read row "${text}": it was not loaded`);
    return doc as Doc | undefined;
  }

  put<Doc>(key: RowKey<Doc>, doc: Doc): void {
    this.#changed.set(keyText(key), { key, doc });
  }

  /** Puts a row that never changes again and that is written before all others, which may take it for granted. */
  seal<Doc>(key: RowKey<Doc>, doc: Doc): void {
    this.#sealed.push({ key, doc });
  }

  sealed(): readonly Row[] {
    return this.#sealed;
  }

  changed(): ReadonlyMap<string, Row> {
    return this.#changed;
  }
}
