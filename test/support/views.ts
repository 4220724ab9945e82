import { createDynamoRebuildStore } from '../../src/views/rebuild/dynamodb-rebuild-store.ts';
import type { RebuildStore } from '../../src/views/rebuild/port.ts';
import { withSharedPuts } from '../../src/views/store/shared-puts.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import type { ViewStore } from '../../src/views/port.ts';
import { DeleteItemCommand, type ScanCommandOutput, ScanCommand } from '@aws-sdk/client-dynamodb';
import { startEngine, VIEWS_TABLE } from './engine.ts';

export interface ViewsEngine {
  /** An empty table. */
  fresh(): Promise<RebuildStore>;
  /** @returns every row by its key */
  dump(store: ViewStore): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Every engine that the suites of the views run on. */
export const VIEWS_ENGINES: Record<string, () => Promise<ViewsEngine>> = {
  memory: async () => ({
    fresh: async () => createMemoryViews(),
    dump: async (store) => (store as ReturnType<typeof createMemoryViews>).dump(), // `fresh` made it
    stop: async () => {},
  }),
  embedded: async () => {
    const engine = await startEngine();
    const scan = async () => {
      const items: NonNullable<ScanCommandOutput['Items']> = [];
      let start: ScanCommandOutput['LastEvaluatedKey'];
      do {
        const page: ScanCommandOutput = await engine.sdk.send(
          new ScanCommand({ TableName: VIEWS_TABLE, ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) }),
        );
        items.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start);
      return items;
    };
    return {
      async fresh() {
        const items = await scan();
        await Promise.all(
          items.map(({ pk, sk }) =>
            engine.sdk.send(new DeleteItemCommand({ TableName: VIEWS_TABLE, Key: { pk: pk!, sk: sk! } })),
          ),
        );
        const store = createDynamoRebuildStore({ client: engine.client, tableName: VIEWS_TABLE });
        return { ...store, ...withSharedPuts(store) };
      },
      async dump() {
        const items = await scan();
        return Object.fromEntries(
          items
            .map((item): [string, unknown] => [
              `${item['pk']?.S} ${item['sk']?.S}`,
              JSON.parse(item['doc']?.S ?? 'null'),
            ])
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      },
      stop: () => engine.stop(),
    };
  },
};
