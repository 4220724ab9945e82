import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunCost } from '../../src/cli/cost/run-cost.ts';
import { PRICES } from '../../src/cli/cost/prices.ts';
import { PATHS } from '../../src/cli/project-paths.ts';
import { API_PREFIX } from '../../src/contract/routes.ts';
import type { Consumed } from '../../src/local/index.ts';
import { type Api, drained, TENANT } from '../support/bank.ts';
import type { Bench } from '../support/bench.ts';
import { consumedBetween, costOf } from '../support/consumed.ts';
import { type Session, withSession } from '../support/session.ts';
import { type Month, monthOf } from './month.ts';

const RUNS = 5;
const BATCH = 50;
/** Seconds of each run: one request at a time, as an environment of Lambda serves them. */
const RUN_SECONDS = { short: 4, full: 10 };
const QUERIES = 200;

export interface CostDetails {
  /** The run with the median cost, for each way of sending. */
  batches: PricedRun;
  single: PricedRun;
  queries: RunCost;
  /** Bytes that the store grew by for each entry, views included: more than DynamoDB counts, since it holds indexes too. */
  storedBytesAnEntry: number;
  month: Month;
}

export interface PricedRun {
  entries: number;
  cost: RunCost;
  consumed: Consumed;
}

export const bench: Bench = {
  name: 'cost',
  title: 'Units as the engine answers them, at the prices of the table in src/cli/cost/prices.ts',
  run: ({ workDir, full, say }) =>
    withSession({ dataDir: workDir, accounts: 1_000 }, async (session) => {
      const seconds = full ? RUN_SECONDS.full : RUN_SECONDS.short;
      const bytesBefore = storeBytes(workDir);
      const batches = await priced(session, { batch: BATCH, seconds });
      const storedBytesAnEntry =
        (storeBytes(workDir) - bytesBefore) / batches.reduce((sum, { entries }) => sum + entries, 0);
      say(`batches of ${BATCH}: US$${perMillion(batches)[0]?.toFixed(2)} per million`);
      const single = await priced(session, { batch: 1, seconds });
      say(`one by one: US$${perMillion(single)[0]?.toFixed(2)} per million`);
      const queries = await pricedQueries(session);
      const idle = idleDollars();
      const month = monthOf({
        batchesPerMillion: middle(batches).cost.perMillionEntries ?? 0,
        singlePerMillion: middle(single).cost.perMillionEntries ?? 0,
        queriesPerMillion: queries.perMillionEntries ?? 0,
        storedBytesAnEntry,
        idle,
      });
      const details: CostDetails = {
        batches: middle(batches),
        single: middle(single),
        queries,
        storedBytesAnEntry,
        month,
      };
      const method = `Units of journal and views, records, requests and memory × time, one request in flight, accounts of one chain a request; ${RUNS} runs of ${seconds} s, priced at ${PRICES.region}, ${PRICES.asOf}`;
      return {
        figures: [
          {
            name: `cost of a million PostEntry in batches of ${BATCH}`,
            unit: 'US$',
            samples: perMillion(batches),
            method,
            target: { atMost: 1 },
          },
          {
            name: 'cost of a million PostEntry one by one',
            unit: 'US$',
            samples: perMillion(single),
            method: `${method}; one after the other as fast as they are answered, so that the entries of a second share the rows of the views. An entry that shares none is dearer: docs/operating/cost.md`,
            target: { atMost: 3 },
          },
          {
            name: 'write units of an entry in batches',
            unit: 'units',
            samples: batches.map(({ consumed, entries }) => consumed.writeUnits / entries),
            method: 'Journal and views together, from the same runs',
          },
          {
            name: 'idle month',
            unit: 'US$',
            samples: [idle],
            method: 'The sum of docs/operating/cost.md, which a test holds against the template',
            target: { atMost: 15 },
          },
          {
            name: 'month of a tenant the size of CU_LARGE',
            unit: 'US$',
            samples: [month.dollars],
            method:
              'Entries, queries and storage at the costs measured here, and a whole idle deployment. Without logs and traces, and with no entry alone in its second: docs/operating/cost.md counts those too, and comes to more',
            target: { atMost: 100 },
          },
        ],
        details,
      };
    }),
};

async function priced(
  { cloud, api, load: startLoad }: Session,
  options: { batch: number; seconds: number },
): Promise<PricedRun[]> {
  const load = await startLoad({ batch: options.batch, spread: 'one-chain', connections: 1 });
  await load.run({ kind: 'closed', inFlight: 1, seconds: 2 });
  await drained(api);
  const runs: PricedRun[] = [];
  for (let run = 0; run < RUNS; run++) {
    await cloud.settled();
    const before = cloud.consumed();
    const { accepted } = await load.run({ kind: 'closed', inFlight: 1, seconds: options.seconds });
    await cloud.settled();
    const consumed = consumedBetween(before, cloud.consumed());
    runs.push({ entries: accepted, cost: costOf(consumed, accepted), consumed });
  }
  return runs;
}

/** What members ask: a balance, and a page of their account's events, in turns. */
async function pricedQueries({ cloud, api, accounts }: Session): Promise<RunCost> {
  const before = cloud.consumed();
  for (let query = 0; query < QUERIES; query++)
    await ask(api, `${accounts[query % accounts.length] ?? ''}/${query % 2 === 0 ? 'balance' : 'events?limit=20'}`);
  await cloud.settled();
  return costOf(consumedBetween(before, cloud.consumed()), QUERIES);
}

async function ask({ url, token }: Api, path: string): Promise<void> {
  const response = await fetch(`${url}${API_PREFIX}/tenants/${TENANT}/accounts/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  await response.arrayBuffer();
}

/** Bytes of the database's files. */
function storeBytes(dataDir: string): number {
  return ['dynamodb.sqlite', 'dynamodb.sqlite-wal'].reduce(
    (sum, name) => sum + (statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** The documented sum, in US dollars. */
function idleDollars(): number {
  const page = readFileSync(join(PATHS.root, 'docs/operating/cost.md'), 'utf8');
  const sum = /^\| \*\*sum\*\*.*\*\*([\d.]+)\*\*/m.exec(page)?.[1];
  if (sum === undefined) throw new Error('Cannot find the sum in docs/operating/cost.md');
  return Number(sum);
}

function perMillion(runs: readonly PricedRun[]): number[] {
  return runs.map(({ cost }) => cost.perMillionEntries ?? 0);
}

/** The run with the median cost. */
function middle(runs: readonly PricedRun[]): PricedRun {
  const perEntry = ({ cost }: PricedRun): number => cost.perMillionEntries ?? 0;
  const found = runs.toSorted((a, b) => perEntry(a) - perEntry(b))[Math.floor(runs.length / 2)];
  if (!found) throw new Error('No run was priced');
  return found;
}
