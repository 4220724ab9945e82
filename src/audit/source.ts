/** An item of a table as it is stored, with plain JavaScript values; nothing about it is trusted. */
export type StoredItem = Readonly<Record<string, unknown>>;

/** What an audit reads. Every read is strongly consistent and comes in pages, so that memory stays bounded. */
export interface AuditSource {
  /** The tenants of the platform's registry. */
  tenants(): Promise<string[]>;
  /** The items of one chain after an event, by ascending sort key. */
  chainItems(pk: string, options: { afterSeq: number }): AsyncIterable<readonly StoredItem[]>;
  /** Key and holder of all journal items that stand in none of the given partitions; of one tenant or of all. */
  otherItems(options: {
    chainPks: readonly string[];
    tenantId: string | undefined;
  }): AsyncIterable<readonly StoredItem[]>;
  /**
   * All rows of the views, of one tenant or of all.
   * @param options.without beginnings of partition keys whose rows are not asked for; they may be given all the same
   */
  viewRows(options: {
    tenantId: string | undefined;
    without?: readonly string[];
  }): AsyncIterable<readonly StoredItem[]>;
  /** The rows of one partition of the views, by ascending sort key. */
  viewPartition(pk: string): Promise<readonly StoredItem[]>;
  /** The same page by page, of a partition that may be long. */
  viewPages(pk: string): AsyncIterable<readonly StoredItem[]>;
  /** One row of the views, if there is such a row. */
  viewRow(pk: string, sk: string): Promise<StoredItem | undefined>;
}

/** What the plan of an audit in pieces reads besides. */
export interface PlanSource extends AuditSource {
  /** The last item of one chain, if it has any. */
  lastItem(pk: string): Promise<StoredItem | undefined>;
}
