import { join } from 'node:path';
import { PRICES } from '../../src/cli/cost/prices.ts';
import { API_PREFIX } from '../../src/contract/routes.ts';
import { type Api, drained, TENANT } from '../support/bank.ts';
import type { Bench, BenchOutcome } from '../support/bench.ts';
import { consumedBetween, costOf } from '../support/consumed.ts';
import type { LoadPhase } from '../support/load/message.ts';
import { type Session, withSession } from '../support/session.ts';
import { storedBytes } from '../support/stored.ts';
import { idleDollars } from './idle.ts';
import { monthOf } from './month.ts';
import { type CostDetails, monthInputOf, type PricedRun, type Way } from './measured.ts';

const RUNS = 5;
const BATCH = 50;
/** Seconds of each run: one request at a time, as an environment of Lambda serves them. */
const RUN_SECONDS = { short: 4, full: 10 };
/** One request every other second: the window of the stream is one, so that none shares a row with the next. */
const ALONE_PER_SECOND = 0.5;
const ALONE_REQUESTS = { short: 3, full: 10 };
const QUERIES = 200;

interface Sending {
  batch: number;
  spread: 'one-chain' | 'all-chains';
  phase: LoadPhase;
}

export const bench: Bench = {
  name: 'cost',
  title: 'Units as the engine answers them, at the prices of the table in src/cli/cost/prices.ts',
  async run({ workDir, full, say }) {
    const [seconds, requests] = full
      ? [RUN_SECONDS.full, ALONE_REQUESTS.full]
      : [RUN_SECONDS.short, ALONE_REQUESTS.short];
    const oneInFlight: LoadPhase = { kind: 'closed', inFlight: 1, seconds };
    const apart: LoadPhase = { kind: 'open', ratePerSecond: ALONE_PER_SECOND, seconds: requests / ALONE_PER_SECOND };
    const sendings: Record<Way, Sending> = {
      batches: { batch: BATCH, spread: 'one-chain', phase: oneInFlight },
      anyBatches: { batch: BATCH, spread: 'all-chains', phase: oneInFlight },
      apartBatches: { batch: BATCH, spread: 'all-chains', phase: apart },
      single: { batch: 1, spread: 'one-chain', phase: oneInFlight },
      alone: { batch: 1, spread: 'one-chain', phase: apart },
    };
    const runs: Partial<Record<Way, PricedRun[]>> = {};
    const details: Partial<CostDetails> = {};
    for (const [way, sending] of Object.entries(sendings) as [Way, Sending][]) {
      // Each ends before the first sweep and digest of its cloud, five minutes after its start: they belong to the idle month.
      await withSession({ dataDir: join(workDir, way), accounts: 1_000 }, async (session) => {
        const entries = await priced(session, sending);
        runs[way] = entries.runs;
        details[way] = { ...middle(entries.runs), storedBytesAnEntry: entries.storedBytesAnEntry };
        say(
          `${way}: US$${middlePrice(entries.runs)} per million, ${Math.round(entries.storedBytesAnEntry)} bytes each`,
        );
        // Where accounts have most to tell.
        if (way === 'batches') details.queries = middle(await pricedQueries(session));
      });
    }
    return outcomeOf(runs as Record<Way, PricedRun[]>, details as CostDetails, { seconds, requests });
  },
};

/** @param how seconds of a run, and the requests of one in which each is alone */
function outcomeOf(
  runs: Record<Way, PricedRun[]>,
  details: CostDetails,
  { seconds, requests }: { seconds: number; requests: number },
): BenchOutcome {
  const idle = idleDollars();
  const method = `Units of journal and views, records, requests and memory × time, one request in flight, the next as soon as it is answered; ${RUNS} runs of ${seconds} s, priced at ${PRICES.region}, ${PRICES.asOf}`;
  const apartMethod = `The same with a request every other second, ${RUNS} runs of ${requests} requests: nothing is shared. The target is for those that come one after the other`;
  return {
    figures: [
      {
        name: `cost of a million PostEntry in batches of ${BATCH}, accounts of one chain a batch`,
        unit: 'US$',
        samples: perMillion(runs.batches),
        method,
        target: { atMost: 1 },
      },
      {
        name: `cost of a million PostEntry in batches of ${BATCH}, accounts of all 16 chains`,
        unit: 'US$',
        samples: perMillion(runs.anyBatches),
        method,
        target: { atMost: 1 },
      },
      {
        name: `cost of a million PostEntry in batches of ${BATCH}, accounts of all 16 chains, each batch alone in its second`,
        unit: 'US$',
        samples: perMillion(runs.apartBatches),
        method: apartMethod,
      },
      {
        name: 'cost of a million PostEntry one by one',
        unit: 'US$',
        samples: perMillion(runs.single),
        method: `${method}; the entries of a second share the rows of the views`,
        target: { atMost: 3 },
      },
      {
        name: 'cost of a million PostEntry, each alone in its second',
        unit: 'US$',
        samples: perMillion(runs.alone),
        method: apartMethod,
      },
      {
        name: 'write units of an entry in batches, accounts of one chain a batch',
        unit: 'units',
        samples: runs.batches.map(({ consumed, count }) => consumed.writeUnits / count),
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
          'Half of the entries in batches and half one by one, each request alone in its second, queries, storage, logs, traces and a whole idle deployment, at the costs measured here',
        target: { atMost: 100 },
      },
    ],
    details,
  };
}

async function priced(
  { cloud, api, load: startLoad }: Session,
  { batch, spread, phase }: Sending,
): Promise<{ runs: PricedRun[]; storedBytesAnEntry: number }> {
  const load = await startLoad({ batch, spread, connections: 1 });
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

function middlePrice(runs: readonly PricedRun[]): string {
  return (middle(runs).cost.perMillionEntries ?? 0).toFixed(2);
}

/** The run with the median cost. */
function middle(runs: readonly PricedRun[]): PricedRun {
  const perEntry = ({ cost }: PricedRun): number => cost.perMillionEntries ?? 0;
  const found = runs.toSorted((a, b) => perEntry(a) - perEntry(b))[Math.floor(runs.length / 2)];
  if (!found) throw new Error('No run was priced');
  return found;
}
