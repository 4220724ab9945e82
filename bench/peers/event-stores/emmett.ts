import { closedLoop, sideBySide } from '../closed-loop.ts';
import { installPackages, loadPackage, versionOf } from '../packages.ts';
import { ACCOUNTS, ONE_BY_ONE, type Peer } from '../peer.ts';
import type { Cluster } from '../postgresql/cluster.ts';
import {
  type Account,
  checkPostings,
  createPostings,
  decide,
  evolve,
  initialAccount,
  type Posted,
  type Posting,
} from '../work.ts';

const PACKAGE = '@event-driven-io/emmett';
const STORE = '@event-driven-io/emmett-postgresql';
const DATABASE = 'emmett';
const CONNECTIONS = 64;
/** Two commands for one account at once are rare; the second begins again until it is through. */
const RETRIES = 20;

/** What is used of the packages, whose own types are there only when they are installed. */
interface Emmett {
  CommandHandler(options: {
    evolve: (account: Account, event: Event) => Account;
    initialState: () => Account;
    retry: { onVersionConflict: number };
  }): (store: Store, id: string, handle: (account: Account) => Event[]) => Promise<{ newEvents: Event[] }>;
}
interface EmmettPostgreSql {
  getPostgreSQLEventStore(connection: string, options: { connectionOptions: { pool: unknown } }): Store;
}
interface Store {
  appendToStream(id: string, events: Event[]): Promise<unknown>;
  readStream(id: string): Promise<{ events: Event[] }>;
  schema: { migrate(): Promise<unknown> };
  close(): Promise<void>;
}
type Event = { type: 'Opened'; data: object } | { type: 'Posted'; data: Posted };
interface Pg {
  Pool: new (options: { connectionString: string; max: number }) => {
    on(event: 'error', listener: () => void): void;
    end(): Promise<void>;
  };
}

/**
 * As its documentation has commands: a command handler folds the account's stream, decides, and appends on condition that the stream
 * has not moved. PostgreSQL is the store that it recommends; its SQLite store is meant for development.
 */
export function emmett(cluster: () => Promise<Cluster>): Peer {
  return {
    name: 'emmett on PostgreSQL',
    cells: ONE_BY_ONE,
    notes:
      'Event store for Node. One event with both legs a posting, a chain for each account, keys unique within an account; the clearing balance follows from the events. It reads all events of an account for each posting, so that it does less the longer a run is. The first event of a stream is not guarded against a second writer, so accounts are opened by an event before.',
    async open({ say }) {
      const server = await cluster();
      await installPackages(say);
      const { CommandHandler } = loadPackage(PACKAGE) as Emmett;
      const { getPostgreSQLEventStore } = loadPackage(STORE) as EmmettPostgreSql;
      const { Pool } = loadPackage('pg') as Pg;
      await server.createDatabase(DATABASE);
      const connectionString = server.url(DATABASE);
      const pool = new Pool({ connectionString, max: CONNECTIONS });
      // Idle connections complain when the server ends before they have; a query that fails says so itself.
      pool.on('error', () => undefined);
      const store = getPostgreSQLEventStore(connectionString, { connectionOptions: { pool } });
      await store.schema.migrate();
      const ids = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index + 1}`);
      // Two who append to a stream that is not there yet both succeed, whatever version they expect: so each is opened first.
      await sideBySide(ids, (id) => store.appendToStream(id, [{ type: 'Opened', data: {} }]));
      const handle = CommandHandler({
        evolve: (account, event) => (event.type === 'Posted' ? evolve(account, event.data) : account),
        initialState: initialAccount,
        retry: { onVersionConflict: RETRIES },
      });
      const next = createPostings(3);
      let acknowledged = 0;

      async function post(posting: Posting): Promise<boolean> {
        const { newEvents } = await handle(store, posting.account, (account) => {
          const data = decide(account, posting);
          return data ? [{ type: 'Posted', data }] : [];
        });
        acknowledged += newEvents.length;
        return newEvents.length > 0;
      }

      return {
        setting: `${STORE} ${versionOf(STORE)}, pg pool of ${CONNECTIONS}; ${server.setting}`,
        run: ({ concurrency }, seconds) =>
          closedLoop({ inFlight: concurrency, seconds }, async () => Number(await post(next()))),
        async check() {
          const accounts = new Map<string, Posted[]>();
          for (const id of ids) {
            const { events } = await store.readStream(id);
            accounts.set(
              id,
              events.flatMap((event) => (event.type === 'Posted' ? event.data : [])),
            );
          }
          return checkPostings({ accounts, acknowledged, post });
        },
        async close() {
          await store.close();
          await pool.end();
        },
      };
    },
  };
}
