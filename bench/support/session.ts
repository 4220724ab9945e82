import { randomBytes } from 'node:crypto';
import { API_PREFIX } from '../../src/contract/routes.ts';
import type { Cloud } from '../../src/local/index.ts';
import { type Api, drained, openBank, TENANT } from './bank.ts';
import { startBenchCloud, tokenOf } from './cloud.ts';
import { type Load, startLoad } from './load/load.ts';
import type { LoadTarget } from './load/message.ts';

/** A running local cloud with a bank, and what makes load for it. */
export interface Session {
  cloud: Cloud;
  api: Api;
  accounts: string[];
  /** Starts a generator; it ends with the session. */
  load(options: Pick<LoadTarget, 'batch' | 'spread' | 'connections'>): Promise<Load>;
}

/** Connections for load that comes whether answers do or not. */
export const OPEN_LOOP_CONNECTIONS = 256;

export async function withSession<Result>(
  options: { dataDir: string; accounts: number },
  use: (session: Session) => Promise<Result>,
): Promise<Result> {
  const cloud = await startBenchCloud(options.dataDir);
  const loads: Load[] = [];
  try {
    const api = { url: cloud.apiUrl, token: await tokenOf(cloud, TENANT) };
    const accounts = await openBank(api, options);
    await drained(api);
    return await use({
      cloud,
      api,
      accounts,
      async load(wanted) {
        const runId = randomBytes(4).toString('hex');
        const load = await startLoad({ ...api, ...wanted, prefix: API_PREFIX, tenantId: TENANT, accounts, runId });
        loads.push(load);
        return load;
      },
    });
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    await cloud.stop();
  }
}
