import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { createDynamoSnapshots } from '../../src/journal/snapshots/dynamodb-snapshots.ts';
import { createSnapshotKeeper, SNAPSHOT_EVERY_EVENTS } from '../../src/journal/snapshots/keep-snapshots.ts';
import type { SnapshotOptions } from '../../src/journal/snapshots/load-snapshot.ts';
import type { Figure, GrowthDetails } from '../support/bench.ts';
import { medianOf } from '../support/statistics.ts';
import { type Bank, refOf } from './bank.ts';
import { JOURNAL_TABLE, SNAPSHOTS_TABLE, type Store } from './store.ts';

const SAMPLES = 5;
const EVENTS_AN_ENTRY = 3;
const BATCH = 500;

/**
 * Grows one chain to each of some lengths, and opens replicas of it as a cold process does: with its newest snapshot, and at the end
 * without.
 */
export async function measureColdReplica(options: {
  store: Store;
  bank: Bank;
  chain: string;
  lengths: readonly number[];
}): Promise<{ figures: Figure[]; replicas: GrowthDetails['replicas'] }> {
  const { store, bank, chain, lengths } = options;
  const ref = refOf(chain);
  const journal = createDynamoJournal({ client: store.connect(), tableName: JOURNAL_TABLE });
  const headSeq = async (): Promise<number> => (await journal.lastCommit(ref))?.lastSeq ?? 0;
  const growTo = async (seq: number): Promise<void> => {
    const entries = Math.floor((seq - (await headSeq())) / EVENTS_AN_ENTRY);
    if (entries > 0) await bank.post({ entries, batch: Math.min(BATCH, entries), chain });
  };

  // As the sweep does it. A chain of each length has almost grown enough for its next snapshot: that is the most that a replica may
  // have to read behind one.
  const keep = createSnapshotKeeper({
    journal,
    snapshots: snapshotsOn(store),
    failed: rethrow,
    now: Date.now,
    budgetMs: Infinity,
    chainBudgetMs: Infinity,
  });
  const growWithSnapshot = async (events: number): Promise<{ seq: number; behind: number }> => {
    await growTo(events - SNAPSHOT_EVERY_EVENTS + BATCH * EVENTS_AN_ENTRY);
    const snapshotSeq = await headSeq();
    const taken = await keep([{ ...ref, seq: snapshotSeq }]);
    if (taken.length === 0) throw new Error('The chain got no snapshot');
    await growTo(events);
    const seq = await headSeq();
    return { seq, behind: seq - snapshotSeq };
  };

  const open = async (seq: number, withSnapshots: boolean): Promise<{ wallMs: number; cpuMs: number }> => {
    const client = store.connect();
    const startedMs = performance.now();
    const before = process.cpuUsage();
    const snapshots = { ...snapshotsOn(store), store: createDynamoSnapshots({ client, tableName: SNAPSHOTS_TABLE }) };
    const replica = openReplica(
      createDynamoJournal({ client, tableName: JOURNAL_TABLE }),
      ref,
      withSnapshots ? { snapshots } : {},
    );
    await replica.catchUp();
    const { user, system } = process.cpuUsage(before);
    const wallMs = performance.now() - startedMs;
    if (replica.seq !== seq) throw new Error(`The replica is at seq ${replica.seq}, not ${seq}`);
    client.close();
    return { wallMs, cpuMs: (user + system) / 1_000 };
  };
  const sample = async (seq: number, withSnapshots: boolean) => {
    const samples = [];
    for (let run = 0; run < SAMPLES; run += 1) samples.push(await open(seq, withSnapshots));
    return samples;
  };

  const figures: Figure[] = [];
  const replicas: GrowthDetails['replicas'] = [];
  for (const length of lengths) {
    const { seq, behind } = await growWithSnapshot(length);
    const samples = await sample(seq, true);
    replicas.push({ events: seq, milliseconds: samples.map(({ wallMs }) => wallMs) });
    const name = `cold replica, ${length.toLocaleString('en')} events`;
    figures.push(
      {
        name,
        unit: 'ms',
        samples: samples.map(({ wallMs }) => wallMs),
        method: `A new client and an empty replica of one chain on the embedded engine, until it has caught up with the head; the snapshot is ${behind} events behind`,
        target: { atMost: 1_000 },
      },
      {
        name: `${name}, CPU time`,
        unit: 'ms',
        samples: samples.map(({ cpuMs }) => cpuMs),
        method: 'Of the process in the same runs; the engine is another process',
      },
    );
    if (length !== lengths.at(-1)) continue;
    const whole = await sample(seq, false);
    figures.push({
      name: `${name}, without snapshots`,
      unit: 'ms',
      samples: whole.map(({ wallMs }) => wallMs),
      method: `The same, reading the chain whole; CPU time of the process ${Math.round(medianOf(whole.map(({ cpuMs }) => cpuMs)))} ms`,
    });
  }
  return { figures, replicas };
}

/** Snapshots that a benchmark relies on: one that cannot be used is a fault here. */
function snapshotsOn(store: Store): SnapshotOptions {
  return {
    store: createDynamoSnapshots({ client: store.connect(), tableName: SNAPSHOTS_TABLE }),
    unusable: rethrow,
  };
}

function rethrow(message: string, cause: unknown): never {
  throw new Error(message, { cause });
}
