import { randomBytes } from 'node:crypto';
import { auditIn } from '../../../src/cli/audit/audit-machine.ts';
import { breachesOf } from '../../../src/cli/audit/audit-result.ts';
import { API_PREFIX } from '../../../src/contract/routes.ts';
import { type Api, drained, openBank, TENANT } from '../../support/bank.ts';
import { startBenchCloud, tokenOf } from '../../support/cloud.ts';
import { type Load, startLoad } from '../../support/load/load.ts';
import type { LoadTarget } from '../../support/load/message.ts';
import { ACCOUNTS, type Cell, ONE_BY_ONE, type Peer } from '../peer.ts';
import { BATCHED_ANY, BATCHED_BY_CHAIN, spreadOf } from './spread.ts';

/** Ours as it is used: commands over HTTP into the local cloud, which holds views and everything else that belongs to it. */
export const overHttp: Peer = {
  name: 'TuringCore over HTTP',
  cells: [...ONE_BY_ONE, ...BATCHED_BY_CHAIN, ...BATCHED_ANY],
  notes:
    'The whole of it on the local cloud: HTTP, token, rights, validation of each command, three events a posting in 16 hash chains, and the views, which are written meanwhile; a window ends when the last command is answered, and the next begins when the views have followed.',
  async open({ dataDir }) {
    const cloud = await startBenchCloud(dataDir);
    const loads = new Map<string, Load>();
    const close = async (): Promise<void> => {
      for (const load of loads.values()) await load.stop();
      await cloud.stop();
    };
    try {
      const api: Api = { url: cloud.apiUrl, token: await tokenOf(cloud, TENANT) };
      const accounts = await openBank(api, { accounts: ACCOUNTS });
      await drained(api);
      const audited = () => auditIn(cloud, { tenantId: TENANT });
      const entriesOf = async (): Promise<number> => (await audited()).tenants[0]?.statistics.entries ?? 0;
      const opened = await entriesOf();
      let acknowledged = 0;

      /** A generator for each kind of request, in a process of its own. */
      async function loadFor(cell: Cell): Promise<Load> {
        const wanted: Pick<LoadTarget, 'batch' | 'spread' | 'connections'> = {
          batch: cell.batch,
          spread: spreadOf(cell),
          connections: cell.concurrency,
        };
        const key = JSON.stringify(wanted);
        let load = loads.get(key);
        if (!load) {
          const runId = randomBytes(4).toString('hex');
          load = await startLoad({ ...api, ...wanted, prefix: API_PREFIX, tenantId: TENANT, accounts, runId });
          loads.set(key, load);
        }
        return load;
      }

      return {
        setting: 'local cloud as `turing up` starts it, embedded DynamoDB engine on disk, load from another process',
        async run(cell, seconds) {
          const load = await loadFor(cell);
          const result = await load.run({ kind: 'closed', inFlight: cell.concurrency, seconds });
          acknowledged += result.accepted;
          await drained(api);
          if (result.refused + result.failed > 0)
            throw new Error(
              `${result.refused} commands were refused and ${result.failed} failed: ${result.complaints[0]}`,
            );
          return { postings: result.accepted, elapsedMs: result.elapsedMs, latenciesMs: result.latenciesMs };
        },
        async check() {
          const result = await audited();
          const [tenant] = result.tenants;
          const entries = (tenant?.statistics.entries ?? 0) - opened;
          return [
            ...(entries === acknowledged ? [] : [`${acknowledged} postings were acknowledged, ${entries} are there`]),
            ...(breachesOf(result) === 0 ? [] : [`${breachesOf(result)} checks of the invariants failed`]),
            ...(tenant?.views.state === 'compared' ? [] : [`The views were not compared: ${tenant?.views.state}`]),
          ];
        },
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
