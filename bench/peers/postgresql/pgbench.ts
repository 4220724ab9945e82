import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Window } from '../peer.ts';
import type { Cluster } from './cluster.ts';

const LATENCY_FIELD = 2; // microseconds, in pgbench's log of transactions

/**
 * Lets clients run a script side by side, its statements prepared, for whole seconds.
 * @param options.batch postings of one transaction
 * @throws where a transaction fails
 */
export async function pgbench(
  cluster: Cluster,
  options: {
    database: string;
    script: string;
    clients: number;
    batch: number;
    seconds: number;
    variables: Record<string, number>;
  },
): Promise<Window> {
  const { database, script, clients, batch, seconds, variables } = options;
  // Where the transactions are logged is no business of the disk that is measured.
  const logs = mkdtempSync(join(tmpdir(), 'pgbench-'));
  try {
    const { stdout } = await promisify(execFile)(cluster.bin('pgbench'), [
      '--no-vacuum',
      '--protocol=prepared',
      `--file=${script}`,
      `--time=${Math.max(1, Math.round(seconds))}`,
      `--client=${clients}`,
      `--jobs=${Math.min(clients, availableParallelism())}`,
      '--log',
      `--log-prefix=${join(logs, 'log')}`,
      ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
      ...cluster.server,
      database,
    ]);
    const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]);
    const failed = number(/number of failed transactions: (\d+)/);
    const transactions = number(/number of transactions actually processed: (\d+)/);
    const perSecond = number(/tps = ([\d.]+) \(without initial connection time\)/);
    if (failed > 0 || !(transactions > 0)) throw new Error(`pgbench had ${failed} failed transactions: ${stdout}`);
    return {
      postings: transactions * batch,
      elapsedMs: (transactions / perSecond) * 1_000,
      latenciesMs: readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => Number(line.split(' ')[LATENCY_FIELD]) / 1_000),
      ),
    };
  } finally {
    rmSync(logs, { recursive: true, force: true });
  }
}
