import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNTS, BATCHED, type Cell, ONE_BY_ONE, type OpenPeer, type Peer } from '../peer.ts';
import type { Cluster } from './cluster.ts';
import { pgbench } from './pgbench.ts';

const OPENING_MINOR = 1_000_000_000;
const CLIENTS = 64;

interface Variant {
  database: string;
  script: string;
  /** Calls that must change nothing: a key once more, and more than the account has. */
  repeat: string;
  overdraw: string;
  /** Whether a clearing balance is kept, or follows from the journal. */
  clearing: boolean;
}

/** The same work in stored procedures, each with a database of its own in one server. */
export function postgreSqlPeers(cluster: () => Promise<Cluster>): Peer[] {
  const peer = (name: string, cells: readonly Cell[], notes: string, variant: Variant): Peer => ({
    name,
    cells,
    notes: `Stored procedure driven by pgbench, statements prepared. ${notes} One line with both legs a posting; no API, no authorisation, no views, no validation of commands.`,
    open: async () => openVariant(await cluster(), variant),
  });
  return [
    peer(
      'PostgreSQL, best one by one',
      ONE_BY_ONE,
      'A hash chain for each account and no clearing row: postings wait for nothing but the disk; the clearing balance follows from the journal.',
      {
        database: 'best',
        script: 'one-by-account.sql',
        repeat: `SELECT post_by_account(key, chain, 1) FROM journal LIMIT 1`,
        overdraw: `SELECT post_by_account(gen_random_uuid(), 1, ${-2 * OPENING_MINOR})`,
        clearing: false,
      },
    ),
    peer(
      'PostgreSQL, one clearing row',
      ONE_BY_ONE,
      'The clearing account is a row that all wait for until it is on disk; 16 hash chains.',
      {
        database: 'hot',
        script: 'one-hot-clearing.sql',
        repeat: `SELECT post_by_chain(key, 1, 1, -1, 0) FROM journal LIMIT 1`,
        overdraw: `SELECT post_by_chain(gen_random_uuid(), 1, ${-2 * OPENING_MINOR}, -1, 0)`,
        clearing: true,
      },
    ),
    peer(
      'PostgreSQL, 50 a transaction',
      BATCHED,
      'Each client has accounts, a hash chain and a clearing row of its own, so that none waits for another.',
      {
        database: 'batch',
        script: 'batch.sql',
        repeat: `SELECT (post_batch(ARRAY[key], ARRAY[1], ARRAY[1], -1, 1))[1] FROM journal LIMIT 1`,
        overdraw: `SELECT (post_batch(ARRAY[gen_random_uuid()], ARRAY[1], ARRAY[${-2 * OPENING_MINOR}], -1, 1))[1]`,
        clearing: true,
      },
    ),
  ];
}

async function openVariant(cluster: Cluster, variant: Variant): Promise<OpenPeer> {
  const { database } = variant;
  await cluster.createDatabase(database);
  await cluster.sql(database, script('schema.sql'));
  await cluster.sql(database, script('accounts.sql'), { accounts: ACCOUNTS, opening: OPENING_MINOR, clients: CLIENTS });
  let acknowledged = 0;
  return {
    setting: cluster.setting,
    async run({ concurrency, batch }, seconds) {
      const variables = { accounts: ACCOUNTS, clients: concurrency };
      const path = join(import.meta.dirname, variant.script);
      const window = await pgbench(cluster, {
        database,
        script: path,
        clients: concurrency,
        batch,
        seconds,
        variables,
      });
      acknowledged += window.postings;
      return window;
    },
    async check() {
      const repeated = await cluster.sql(database, variant.repeat);
      const overdrawn = await cluster.sql(database, variant.overdraw);
      const answer = await cluster.sql(database, script('check.sql'), {
        opening: OPENING_MINOR,
        clearing: variant.clearing ? 1 : 0,
      });
      const [postings, links, heads, balances, legs, sum] = answer.split('|').map(Number);
      return [
        ...(postings === acknowledged ? [] : [`${acknowledged} postings were acknowledged, ${postings} are there`]),
        ...(links === 0 ? [] : [`${links} hashes do not verify`]),
        ...(heads === 0 ? [] : [`${heads} chains do not end at their heads`]),
        ...(balances === 0 ? [] : [`${balances} balances are not what the postings make`]),
        ...(legs === 0 ? [] : [`The legs are ${legs} in sum`]),
        ...(sum === 0 ? [] : [`The balances are ${sum} in sum`]),
        ...(repeated === 'repeated' ? [] : [`A key used before was answered with "${repeated}"`]),
        ...(overdrawn === 'InsufficientFunds' ? [] : [`An overdraft was answered with "${overdrawn}"`]),
      ];
    },
    close: async () => {},
  };
}

function script(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}
