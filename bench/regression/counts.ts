import { API_PREFIX } from '../../src/contract/routes.ts';
import { TENANT } from '../support/bank.ts';
import { withWorkDir } from '../support/cloud.ts';
import type { Consumed } from '../../src/local/index.ts';
import { consumedBetween } from '../support/consumed.ts';
import { createRequests } from '../support/load/requests.ts';
import { createSender } from '../support/load/sender.ts';
import { withSession } from '../support/session.ts';
import { createWritePath, WRITE_PATH_DEFAULTS } from '../write-path/write-path.ts';

const BATCH = 50;
const REQUESTS_IN_PROCESS = 40;
/** Single commands that come at once, and so many of them. */
const IN_FLIGHT = 64;
const SINGLES = 20 * IN_FLIGHT;
/** Each is waited for until its views stand, which takes a second: the stream's window. */
const REQUESTS = 6;

/** What is counted and not timed: the same in every run on every machine, as long as the code is the same. */
export async function counts(): Promise<Record<string, number>> {
  return { ...(await inProcess()), ...(await atOnce()), ...(await throughTheCloud()) };
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

/**
 * Single commands that come at once share commits, and the chains' commits are under way together: where they wait for each
 * other, there are more commits for a command, or more turns of the event loop in which puts are waited for.
 */
async function atOnce(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const spread of ['one-chain', 'all-chains'] as const) {
    // Of one account, all commands are for one chain.
    const accounts = spread === 'one-chain' ? 1 : WRITE_PATH_DEFAULTS.accounts;
    const path = await createWritePath({ accounts, batch: 1, spread, inFlight: IN_FLIGHT });
    const { commands, commits, turns } = await path.run({ requests: SINGLES });
    const of = spread === 'one-chain' ? 'one chain' : 'all chains';
    found[`commits of a single command, ${IN_FLIGHT} in flight for ${of}`] = commits / commands;
    found[`waits for puts of a single command, ${IN_FLIGHT} in flight for ${of}`] = turns / commands;
  }
  return found;
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
          'write units of the views for a command in a batch': unitsOfViews(batched) / (REQUESTS * BATCH),
          'requests to the engine for a batch, views included': batched.requests / REQUESTS,
          'write units of a single command, views included': single.writeUnits / REQUESTS,
          'write units of the views for a single command': unitsOfViews(single) / REQUESTS,
          'requests to the engine for a single command, views included': single.requests / REQUESTS,
          'bytes through the stream for a command in a batch': batched.kinesisBytes / (REQUESTS * BATCH),
        };
      } finally {
        await sender.close();
      }
    }),
  );
}

function unitsOfViews({ byTable }: Consumed): number {
  return Object.entries(byTable).find(([name]) => name.includes('Views'))?.[1].writeUnits ?? Number.NaN;
}
