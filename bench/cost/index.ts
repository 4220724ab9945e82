import { PRICES } from '../../src/cli/cost/prices.ts';
import { API_PREFIX } from '../../src/contract/routes.ts';
import { type Api, drained, TENANT } from '../support/bank.ts';
import type { Bench } from '../support/bench.ts';
import { consumedBetween, costOf } from '../support/consumed.ts';
import type { LoadPhase } from '../support/load/message.ts';
import { type Session, withSession } from '../support/session.ts';
import { storedBytes } from '../support/stored.ts';
import { idleDollars } from './idle.ts';
import { monthOf } from './month.ts';
import { type CostDetails, monthInputOf, type PricedRun } from './measured.ts';

const RUNS = 5;
const BATCH = 50;
/** Seconds of each run: one request at a time, as an environment of Lambda serves them. */
const RUN_SECONDS = { short: 4, full: 10 };
/** One entry every other second: the window of the stream is one, so that none shares a row with the next. */
const ALONE_PER_SECOND = 0.5;
const ALONE_ENTRIES = { short: 3, full: 10 };
const QUERIES = 200;

interface Way {
  batch: number;
  phase: LoadPhase;
}

export const bench: Bench = {
  name: 'cost',
  title: 'Units as the engine answers them, at the prices of the table in src/cli/cost/prices.ts',
  run: ({ workDir, full, say }) =>
    withSession({ dataDir: workDir, accounts: 1_000 }, async (session) => {
      const [seconds, entries] = full
        ? [RUN_SECONDS.full, ALONE_ENTRIES.full]
        : [RUN_SECONDS.short, ALONE_ENTRIES.short];
      const oneInFlight: LoadPhase = { kind: 'closed', inFlight: 1, seconds };
      const apart: LoadPhase = { kind: 'open', ratePerSecond: ALONE_PER_SECOND, seconds: entries / ALONE_PER_SECOND };
      const measured = async (name: string, way: Way) => {
        const { runs, storedBytesAnEntry } = await priced(session, way);
        say(`${name}: US$${perMillion(runs)[0]?.toFixed(2)} per million, ${Math.round(storedBytesAnEntry)} bytes each`);
        return { runs, middle: { ...middle(runs), storedBytesAnEntry } };
      };
      const batches = await measured(`batches of ${BATCH}`, { batch: BATCH, phase: oneInFlight });
      const single = await measured('one by one', { batch: 1, phase: oneInFlight });
      const alone = await measured('each alone', { batch: 1, phase: apart });
      const details: CostDetails = {
        batches: batches.middle,
        single: single.middle,
        alone: alone.middle,
        queries: middle(await pricedQueries(session)),
      };
      const idle = idleDollars();
      const method = `Units of journal and views, records, requests and memory × time, one request in flight, accounts of one chain a request; ${RUNS} runs of ${seconds} s, priced at ${PRICES.region}, ${PRICES.asOf}`;
      return {
        figures: [
          {
            name: `cost of a million PostEntry in batches of ${BATCH}`,
            unit: 'US$',
            samples: perMillion(batches.runs),
            method,
            target: { atMost: 1 },
          },
          {
            name: 'cost of a million PostEntry one by one',
            unit: 'US$',
            samples: perMillion(single.runs),
            method: `${method}; one after the other as fast as they are answered, so that the entries of a second share the rows of the views`,
            target: { atMost: 3 },
          },
          {
            name: 'cost of a million PostEntry, each alone in its second',
            unit: 'US$',
            samples: perMillion(alone.runs),
            method: `The same with an entry every other second, ${RUNS} runs of ${entries} entries: nothing is shared. The target is for entries that come one after the other`,
          },
          {
            name: 'write units of an entry in batches',
            unit: 'units',
            samples: batches.runs.map(({ consumed, count }) => consumed.writeUnits / count),
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
            samples: [monthOf(monthInputOf(details, idle)).dollars],
            method:
              'Half of the entries in batches and half alone in their seconds, queries, storage, logs, traces and a whole idle deployment, at the costs measured here',
            target: { atMost: 100 },
          },
        ],
        details,
      };
    }),
};

async function priced(
  { cloud, api, load: startLoad }: Session,
  { batch, phase }: Way,
): Promise<{ runs: PricedRun[]; storedBytesAnEntry: number }> {
  const load = await startLoad({ batch, spread: 'one-chain', connections: 1 });
  await load.run({ kind: 'closed', inFlight: 1, seconds: 2 });
  await drained(api);
  await cloud.settled();
  const bytesBefore = await storedBytes(cloud);
  const runs: PricedRun[] = [];
  for (let run = 0; run < RUNS; run++) {
    await cloud.settled();
    const before = cloud.consumed();
    const { accepted } = await load.run(phase);
    await cloud.settled();
    const consumed = consumedBetween(before, cloud.consumed());
    runs.push({ count: accepted, cost: costOf(consumed, accepted), consumed });
  }
  const entries = runs.reduce((sum, { count }) => sum + count, 0);
  return { runs, storedBytesAnEntry: ((await storedBytes(cloud)) - bytesBefore) / entries };
}

/** What members ask: a balance, and a page of their account's events, in turns. */
async function pricedQueries({ cloud, api, accounts }: Session): Promise<PricedRun[]> {
  const runs: PricedRun[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = cloud.consumed();
    for (let query = 0; query < QUERIES; query++)
      await ask(api, `${accounts[query % accounts.length] ?? ''}/${query % 2 === 0 ? 'balance' : 'events?limit=20'}`);
    await cloud.settled();
    const consumed = consumedBetween(before, cloud.consumed());
    runs.push({ count: QUERIES, cost: costOf(consumed, QUERIES), consumed });
  }
  return runs;
}

async function ask({ url, token }: Api, path: string): Promise<void> {
  const response = await fetch(`${url}${API_PREFIX}/tenants/${TENANT}/accounts/${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  await response.arrayBuffer();
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
