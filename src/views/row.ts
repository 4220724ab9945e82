declare const docType: unique symbol;

/** Names a row of the views table; `Doc` is the form of what it holds. */
export interface RowKey<Doc = unknown> {
  readonly pk: string;
  readonly sk: string;
  /** Carries the type only; never there at run time. */
  readonly [docType]?: Doc;
}

/** A row: a document, stored as JSON, under its key. */
export interface Row<Doc = unknown> {
  key: RowKey<Doc>;
  doc: Doc;
  /** Generation of the chain's fence under which it is written; absent for 0. */
  generation?: number;
}

/** One text for a key, for maps. Neither part contains a space. */
export function keyText(key: RowKey): string {
  return `${key.pk} ${key.sk}`;
}
