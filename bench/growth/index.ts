import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import type { Bench, Figure, GrowthDetails } from '../support/bench.ts';
import { cpuBetween, cpuByThread, cpuTotal } from '../support/cpu.ts';
import { medianOf } from '../support/statistics.ts';
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
const SAMPLES = 7;
const ENTRIES_A_SAMPLE = 6_000;

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
      await withStore(join(workDir, 'small'), async (smallStore) => {
        const small = await openLedger(smallStore);
        await small.growTo(SMALL_EVENTS);
        for (const events of full ? LARGE_EVENTS : LARGE_EVENTS.slice(0, 1)) {
          await large.growTo(events);
          const compared = await compare({ large, small, events });
          say(`throughput at ${events} events measured`);
          figures.push(...compared.figures);
          details.throughput.push(...compared.throughput);
        }
      });
    });
    details.throughput.sort((a, b) => a.events - b.events);
    return { figures, details };
  },
};

/** Throughput on the large journal and on the small one, in turns, so that both have the same machine. */
async function compare(options: {
  large: Ledger;
  small: Ledger;
  events: number;
}): Promise<{ figures: Figure[]; throughput: GrowthDetails['throughput'] }> {
  const { events: target, ...ledgers } = options;
  const [largeEvents, smallEvents] = [await ledgers.large.events(), await ledgers.small.events()];
  const rates = { small: [] as number[], large: [] as number[] };
  const cpu = { small: [] as number[], large: [] as number[] };
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    for (const which of sample % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const)) {
      const before = cpuByThread();
      const startedMs = performance.now();
      await ledgers[which].bank.post({ entries: ENTRIES_A_SAMPLE, batch: 50 });
      rates[which].push((ENTRIES_A_SAMPLE * 1_000) / (performance.now() - startedMs));
      cpu[which].push((cpuTotal(cpuBetween(before, cpuByThread())) * 1e6) / ENTRIES_A_SAMPLE);
    }
  }
  const method = `${ENTRIES_A_SAMPLE} entries in batches of 50 over ${ACCOUNTS} accounts, 8 requests in flight, through the gateway in process into the embedded engine; both journals in turns`;
  const name = `${target / 1e6} million events`;
  return {
    throughput: [
      { events: smallEvents, commandsPerSecond: medianOf(rates.small) },
      { events: largeEvents, commandsPerSecond: medianOf(rates.large) },
    ],
    figures: [
      { name: `throughput, ${name} in the journal`, unit: 'PostEntry/s', samples: rates.large, method },
      {
        name: `throughput, ${name} compared with 50,000`,
        unit: 'of it',
        samples: rates.large.map((rate, sample) => rate / (rates.small[sample] ?? rate)),
        method: 'Pairs of the same runs',
        target: { atLeast: 0.9 },
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

interface Ledger {
  bank: Bank;
  events(): Promise<number>;
  growTo(events: number): Promise<void>;
}

async function openLedger(store: Store): Promise<Ledger> {
  const journal = createDynamoJournal({ client: store.connect(), tableName: JOURNAL_TABLE });
  const bank = await openBank(journal, { accounts: ACCOUNTS });
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
