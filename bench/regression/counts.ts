import { API_PREFIX } from '../../src/contract/routes.ts';
import { TENANT } from '../support/bank.ts';
import { withWorkDir } from '../support/cloud.ts';
import { consumedBetween } from '../support/consumed.ts';
import { createRequests } from '../support/load/requests.ts';
import { createSender } from '../support/load/sender.ts';
import { withSession } from '../support/session.ts';
import { createWritePath, WRITE_PATH_DEFAULTS } from '../write-path/write-path.ts';

const BATCH = 50;
const REQUESTS_IN_PROCESS = 40;
/** Each is waited for until its views stand, which takes a second: the stream's window. */
const REQUESTS = 6;

/** What is counted and not timed: the same in every run on every machine, as long as the code is the same. */
export async function counts(): Promise<Record<string, number>> {
  return { ...(await inProcess()), ...(await throughTheCloud()) };
}

async function inProcess(): Promise<Record<string, number>> {
  const path = await createWritePath({ ...WRITE_PATH_DEFAULTS, spread: 'one-chain', inFlight: 1 });
  const { commands, requests, itemBytes, writeUnits, commits } = await path.run({ requests: REQUESTS_IN_PROCESS });
  return {
    'bytes stored for a command in a batch': itemBytes / commands,
    'journal write units of a command in a batch': writeUnits / commands,
    'commits of a batch for one chain': commits / requests,
  };
}

/** One batch after the other, each waited for until its views stand: so nothing depends on what happens to come together. */
async function throughTheCloud(): Promise<Record<string, number>> {
  return withWorkDir((dataDir) =>
    withSession({ dataDir, accounts: 200 }, async ({ cloud, api, accounts }) => {
      const batches = createRequests({
        tenantId: TENANT,
        accounts,
        batch: BATCH,
        spread: 'one-chain',
        runId: '0000c0de',
      });
      const singles = createRequests({ tenantId: TENANT, accounts, batch: 1, spread: 'one-chain', runId: '0000c0df' });
      const sender = createSender({ ...api, prefix: API_PREFIX, connections: 1 });
      const use = async ({ path, next }: typeof batches, requests: number) => {
        await cloud.settled();
        const before = cloud.consumed();
        for (let request = 0; request < requests; request++) {
          const { status, body } = await sender.send(path, next(0));
          if (status !== 200 && status !== 202) throw new Error(`Answered with ${status}: ${body.toString()}`);
          await cloud.settled();
        }
        return consumedBetween(before, cloud.consumed());
      };
      try {
        await use(batches, 1); // fills caches
        const batched = await use(batches, REQUESTS);
        const single = await use(singles, REQUESTS);
        return {
          'write units of a command in a batch, views included': batched.writeUnits / (REQUESTS * BATCH),
          'requests to the engine for a batch, views included': batched.requests / REQUESTS,
          'write units of a single command, views included': single.writeUnits / REQUESTS,
          'requests to the engine for a single command, views included': single.requests / REQUESTS,
          'bytes through the stream for a command in a batch': batched.kinesisBytes / (REQUESTS * BATCH),
        };
      } finally {
        await sender.close();
      }
    }),
  );
}
