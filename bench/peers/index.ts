import type { Bench } from '../support/bench.ts';
import { isInMemory } from '../support/cloud.ts';
import { castore } from './event-stores/castore.ts';
import { emmett } from './event-stores/emmett.ts';
import { eventStoreAdapter } from './event-stores/event-store-adapter.ts';
import { inProcess } from './ledger/in-process.ts';
import { overHttp } from './ledger/over-http.ts';
import { measurePeers, type MeasureOptions } from './measure.ts';
import type { PeerResult } from './peer.ts';
import { type Cluster, startCluster } from './postgresql/cluster.ts';
import { postgreSqlPeers } from './postgresql/postgresql.ts';
import { figuresOf, withRatios } from './ratios.ts';
import { peerLines } from './table.ts';

const ROUNDS = 5;
/** With starts and checks, the short form takes no more than eight minutes. */
const SHORT = { seconds: 1, rounds: ROUNDS, budgetSeconds: 420 };
const FULL = { seconds: 3, rounds: ROUNDS };

export const bench: Bench = {
  name: 'peers',
  title: 'The same postings on other stores, side by side',
  async run({ full, workDir, say }) {
    const length = full ? FULL : SHORT;
    const rows = await comparePeers({ dataDir: workDir, say, ...length });
    for (const line of peerLines(rows, { inMemory: isInMemory(workDir) })) console.log(line);
    return { figures: figuresOf(rows, length), details: rows };
  },
};

/** Measures all peers, or those whose names contain a text. */
export async function comparePeers(options: MeasureOptions & { only?: string }): Promise<PeerResult[]> {
  const { dataDir, only = '' } = options;
  let starting: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (starting ??= startCluster(dataDir));
  const peers = [overHttp, inProcess, ...postgreSqlPeers(cluster), emmett(cluster), castore, eventStoreAdapter];
  try {
    const wanted = peers.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
    return withRatios(await measurePeers(wanted, options));
  } finally {
    // Where it did not start there is nothing to stop, and its peers have said why.
    await starting?.then(
      (started) => started.stop(),
      () => undefined,
    );
  }
}
