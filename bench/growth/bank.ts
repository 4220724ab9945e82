import { RIGHTS } from '../../src/contract/rights.ts';
import { type ChainRef, chainOfId, chainsOf } from '../../src/core/chain/name.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import type { Journal } from '../../src/journal/port.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { ACTOR } from '../support/actor.ts';
import { setupCommands, TENANT } from '../support/bank.ts';
import { createRequests, type Requests } from '../support/load/requests.ts';

/** Requests in flight; what they hold for one chain shares a commit while another is under way. */
const IN_FLIGHT = 8;
const SETUP_BATCH = 1_000;
const REOPENED_RUNS = 1_000;

/** A tenant with members, and the gateway in this process that serves it. */
export interface Bank {
  accounts: string[];
  /** Posts so many entries, to accounts of all chains or of one. @throws where any is not accepted */
  post(options: { entries: number; batch: number; chain?: string }): Promise<void>;
}

/** @param options.accounts how many to open, or those that are there */
export async function openBank(journal: Journal, options: { accounts: number | string[] }): Promise<Bank> {
  const gateway = createGateway({ journalOf: () => journal, openReplica, sha256, now: () => new Date().toISOString() });
  const submission = {
    tenantId: TENANT,
    principal: { subject: ACTOR, tenants: new Set([TENANT]), rights: new Set<string>(RIGHTS) },
  };
  async function submit(input: unknown): Promise<string[]> {
    const replies = await gateway.submitBatch(input, submission);
    if (!Array.isArray(replies)) throw new Error(`The batch was refused: ${JSON.stringify(replies)}`);
    return replies.map((reply) => {
      if (reply.kind !== 'accepted') throw new Error(`A command was refused: ${JSON.stringify(reply)}`);
      return reply.body.entityId;
    });
  }
  async function submitAll(commands: readonly object[]): Promise<string[]> {
    const made: string[] = [];
    for (let at = 0; at < commands.length; at += SETUP_BATCH)
      made.push(...(await submit({ commands: commands.slice(at, at + SETUP_BATCH) })));
    return made;
  }

  const open = async (count: number): Promise<string[]> => {
    const setup = setupCommands(count);
    await submitAll(setup.catalog);
    return submitAll(setup.accounts(await submitAll(setup.customers)));
  };
  const accounts = typeof options.accounts === 'number' ? await open(options.accounts) : options.accounts;
  // A journal that was opened again remembers the requests of the first to do so.
  let runs = typeof options.accounts === 'number' ? 0 : REOPENED_RUNS;
  const known = new Map<string, Requests>();
  const requestsFor = (batch: number, chain?: string): Requests => {
    const name = `${batch} ${chain}`;
    let requests = known.get(name);
    if (!requests) {
      runs += 1;
      const of = chain === undefined ? accounts : accounts.filter((accountId) => chainOfId(accountId) === chain);
      const runId = String(runs).padStart(8, '0');
      requests = createRequests({ tenantId: TENANT, accounts: of, batch, spread: 'all-chains', runId });
      known.set(name, requests);
    }
    return requests;
  };

  return {
    accounts,
    async post({ entries, batch, chain }) {
      const requests = requestsFor(batch, chain);
      let left = Math.ceil(entries / batch);
      const keepOneInFlight = async (slot: number): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await submit(JSON.parse(requests.next(slot).toString()));
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, (_, slot) => keepOneInFlight(slot)));
    },
  };
}

export async function eventsIn(journal: Journal): Promise<number> {
  const heads = await Promise.all(chainsOf(16).map((chain) => journal.lastCommit(refOf(chain))));
  return heads.reduce((sum, head) => sum + (head?.lastSeq ?? 0), 0);
}

export function refOf(chain: string): ChainRef {
  return { tenantId: TENANT, chain };
}
