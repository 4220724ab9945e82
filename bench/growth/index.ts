import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import type { Bench, Figure, GrowthDetails } from '../support/bench.ts';
import { cpuBetween, cpuByThread, cpuTotal } from '../support/cpu.ts';
import { type Bank, eventsIn, openBank } from './bank.ts';
import { measureColdReplica } from './cold-replica.ts';
import { measureLists } from './lists.ts';
import { measureMemory } from './memory.ts';
import { JOURNAL_TABLE, openStore, type Store } from './store.ts';

const ACCOUNTS = 1_000;
const SMALL_EVENTS = 50_000;
const CHAIN_LENGTHS = [250_000, 1_000_000];
/** Events in the large journal when it is compared with the small one. */
const LARGE_EVENTS = [1_000_000, 2_500_000, 5_000_000];
const EVENTS_AN_ENTRY = 3;
const SAMPLES = 9;
const ENTRIES_A_SAMPLE = 12_000;
/** Enough that a store which was just opened does as much as one that has long been written; a quarter of it was too little. */
const WARM_UP_ENTRIES = 6_000;

export const bench: Bench = {
  name: 'growth',
  title: 'Growth: a long journal, a cold replica, long lists',
  async run({ full, workDir, say }) {
    const figures = measureMemory();
    const lists = await withStore(join(workDir, 'lists'), (store) =>
      measureLists(store, { members: full ? 100_000 : 10_000 }),
    );
    say('lists measured');
    figures.push(...lists.figures);
    const details: GrowthDetails = { throughput: [], lists: lists.lists, replicas: [] };
    await withStore(join(workDir, 'large'), async (largeStore) => {
      const large = await openLedger(largeStore);
      const cold = await measureColdReplica({
        store: largeStore,
        bank: large.bank,
        chain: '00',
        lengths: CHAIN_LENGTHS,
      });
      say('cold replica measured');
      figures.push(...cold.figures);
      details.replicas.push(...cold.replicas);
      const smallDir = join(workDir, 'small');
      const accounts = await withStore(smallDir, async (smallStore) => {
        const small = await openLedger(smallStore);
        await small.growTo(SMALL_EVENTS);
        return small.bank.accounts;
      });
      const smallRates: number[] = [];
      for (const events of full ? LARGE_EVENTS : LARGE_EVENTS.slice(0, 1)) {
        await large.growTo(events);
        const compared = await compare({ large, small: { dataDir: smallDir, accounts }, events });
        say(`throughput at ${events} events measured`);
        figures.push(...compared.figures);
        details.throughput.push(compared.throughput);
        smallRates.push(...compared.smallRates);
      }
      details.throughput.unshift({ events: SMALL_EVENTS, commandsPerSecond: smallRates });
    });
    return { figures, details };
  },
};

/**
 * Throughput on the large journal and on the small one, in turns, so that both have the same machine. The small one is a fresh
 * copy each time, so that it stays small.
 */
async function compare(options: {
  large: Ledger;
  small: SmallJournal;
  events: number;
}): Promise<{ figures: Figure[]; throughput: GrowthDetails['throughput'][number]; smallRates: number[] }> {
  const { events: target, large, small } = options;
  const largeEvents = await large.events();
  const samples = { small: [] as Sample[], large: [] as Sample[] };
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    for (const which of sample % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const))
      samples[which].push(which === 'large' ? await measure(large) : await onFreshCopy(small, measure));
  }
  const rates = {
    small: samples.small.map(({ perSecond }) => perSecond),
    large: samples.large.map(({ perSecond }) => perSecond),
  };
  const cpu = {
    small: samples.small.map(({ cpuMicros }) => cpuMicros),
    large: samples.large.map(({ cpuMicros }) => cpuMicros),
  };
  const method = `${ENTRIES_A_SAMPLE} entries in batches of 50 over ${ACCOUNTS} accounts, 8 requests in flight, through the gateway in process into the embedded engine; both journals in turns, the small one a fresh copy of ${SMALL_EVENTS} events each time, after ${WARM_UP_ENTRIES} entries that are not measured`;
  const name = `${target / 1e6} million events`;
  return {
    throughput: { events: largeEvents, commandsPerSecond: rates.large },
    smallRates: rates.small,
    figures: [
      { name: `throughput, ${name} in the journal`, unit: 'PostEntry/s', samples: rates.large, method },
      {
        name: `throughput, ${name} compared with 50,000`,
        unit: 'of it',
        samples: rates.large.map((rate, sample) => rate / (rates.small[sample] ?? rate)),
        method: 'Pairs of the same runs',
        target: { atLeast: 0.9, ...(target < Math.max(...LARGE_EVENTS) && { own: true }) },
      },
      {
        name: `CPU time of an entry, ${name} compared with 50,000`,
        unit: 'of it',
        samples: cpu.large.map((micros, sample) => micros / (cpu.small[sample] ?? micros)),
        method: 'Gateway and engines together in the same runs, which other work on the machine disturbs less',
      },
    ],
  };
}

interface Sample {
  perSecond: number;
  /** Of an entry, all threads together. */
  cpuMicros: number;
}

async function measure({ bank }: Ledger): Promise<Sample> {
  // A process that has just read its chains, or has not been asked for a while, is as one that was.
  await bank.post({ entries: WARM_UP_ENTRIES, batch: 50 });
  const before = cpuByThread();
  const startedMs = performance.now();
  await bank.post({ entries: ENTRIES_A_SAMPLE, batch: 50 });
  return {
    perSecond: (ENTRIES_A_SAMPLE * 1_000) / (performance.now() - startedMs),
    cpuMicros: (cpuTotal(cpuBetween(before, cpuByThread())) * 1e6) / ENTRIES_A_SAMPLE,
  };
}

/** A journal that nobody writes, and its accounts. */
interface SmallJournal {
  dataDir: string;
  accounts: string[];
}

async function onFreshCopy(
  { dataDir, accounts }: SmallJournal,
  use: (ledger: Ledger) => Promise<Sample>,
): Promise<Sample> {
  const copyDir = `${dataDir}-copy`;
  cpSync(dataDir, copyDir, { recursive: true });
  try {
    return await withStore(copyDir, async (store) => use(await openLedger(store, accounts)));
  } finally {
    rmSync(copyDir, { recursive: true, force: true });
  }
}

interface Ledger {
  bank: Bank;
  events(): Promise<number>;
  growTo(events: number): Promise<void>;
}

/** @param known accounts of a bank that is there already */
async function openLedger(store: Store, known?: string[]): Promise<Ledger> {
  const journal = createDynamoJournal({ client: store.connect(), tableName: JOURNAL_TABLE });
  const bank = await openBank(journal, { accounts: known ?? ACCOUNTS });
  return {
    bank,
    events: () => eventsIn(journal),
    async growTo(events) {
      const entries = Math.ceil((events - (await eventsIn(journal))) / EVENTS_AN_ENTRY);
      if (entries > 0) await bank.post({ entries, batch: 500 });
    },
  };
}

async function withStore<Result>(dataDir: string, use: (store: Store) => Promise<Result>): Promise<Result> {
  mkdirSync(dataDir, { recursive: true });
  const store = await openStore(dataDir);
  try {
    return await use(store);
  } finally {
    await store.stop();
  }
}
