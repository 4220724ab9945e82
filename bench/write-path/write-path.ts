import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '../../src/contract/limits.ts';
import { RIGHTS } from '../../src/contract/rights.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { type Item, itemOfCommit } from '../../src/journal/items.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import type { Commit, Journal } from '../../src/journal/port.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { type HttpEvent, json, jsonBody, statusOf } from '../../lambdas/middleware/http.ts';
import { ACTOR } from '../support/actor.ts';
import { setupCommands, TENANT } from '../support/bank.ts';
import { createRequests } from '../support/load/requests.ts';
import { itemBytes } from '../support/stored.ts';

export interface WritePathOptions {
  spread: 'all-chains' | 'one-chain';
  /** Commands of a request; 1: a request for a single command, not a batch of one. */
  batch: number;
  accounts: number;
  /** Requests in flight: what they hold for one chain shares a commit while another is under way. */
  inFlight: number;
}

/** For who wants the commits themselves, those of the set-up among them, or the bodies of requests and their replies. */
export interface Observer {
  commit?: (commit: Commit) => void;
  exchange?: (request: Buffer, reply: Buffer) => void;
}

export const WRITE_PATH_DEFAULTS: WritePathOptions = { spread: 'all-chains', batch: 50, accounts: 1_000, inFlight: 8 };

export interface WritePathCounts {
  requests: number;
  commands: number;
  events: number;
  commits: number;
  /** How often puts were waited for, all that were under way together. */
  turns: number;
  requestBytes: number;
  replyBytes: number;
  /** Bytes of the journal's PutItem requests, as they would go over the wire. */
  putBytes: number;
  /** Write units of these puts: one for each KB begun of the item's size as DynamoDB counts it. */
  writeUnits: number;
  /** Of the items themselves. */
  itemBytes: number;
}

export interface WritePath {
  /** Handles requests until the time is over, or so many of them. */
  run(until: { seconds: number } | { requests: number }): Promise<WritePathCounts>;
}

/**
 * The write path alone: bytes of a request in, bytes of the journal's puts and of the reply out. The journal encodes its
 * items and stores nothing; it answers in the next turn of the event loop.
 */
export async function createWritePath(options: WritePathOptions, observer: Observer = {}): Promise<WritePath> {
  const { batch, spread, inFlight } = options;
  const store = createMemoryJournal();
  let counts = noCounts();
  let storing = true;
  /** Puts that were begun in one turn of the event loop are answered in the next, all of them together. */
  let turn: Promise<void> | undefined;
  const journal: Journal = {
    ...store,
    async append(request) {
      if (observer.commit) request.commits.forEach(observer.commit);
      if (storing) return store.append(request);
      for (const commit of request.commits) {
        const item = itemOfCommit(commit);
        const size = itemBytes(item);
        counts.putBytes += putRequest(item).length;
        counts.itemBytes += size;
        counts.writeUnits += Math.ceil(size / 1024);
        counts.commits += 1;
        counts.events += commit.lastSeq - commit.firstSeq + 1;
      }
      await (turn ??= nextTurn().then(() => {
        turn = undefined;
        counts.turns += 1;
      }));
      return { outcome: 'appended' };
    },
  };
  const gateway = createGateway({
    journalOf: () => journal,
    openReplica,
    sha256,
    now: () => new Date().toISOString(),
  });
  const submission = {
    tenantId: TENANT,
    principal: { subject: ACTOR, tenants: new Set([TENANT]), rights: new Set<string>(RIGHTS) },
  };

  /** As `lambdas/command/handler.ts` does it. */
  async function handle(body: Buffer): Promise<Buffer> {
    const event = { headers: { 'content-type': 'application/json' }, body: body.toString(), isBase64Encoded: false };
    // Of an event of API Gateway, reading the body takes no more than this.
    const input = jsonBody(event as unknown as HttpEvent, { maxBytes: LIMITS.batchBytes });
    const isBatch = Object.hasOwn(input as object, 'commands');
    const replies = isBatch ? await gateway.submitBatch(input, submission) : [await gateway.submit(input, submission)];
    if (!Array.isArray(replies)) throw new Error(`The batch was refused: ${JSON.stringify(replies)}`);
    const refused = replies.find(({ kind }) => kind !== 'accepted');
    if (refused) throw new Error(`A command was refused: ${JSON.stringify(refused)}`);
    return Buffer.from(json(200, { results: replies.map(statusOf) }).body ?? '');
  }

  const accounts = await setUp(options.accounts, async (commands) => {
    const reply = await handle(Buffer.from(JSON.stringify({ commands })));
    const { results } = JSON.parse(reply.toString()) as { results: { body: { entityId: string } }[] };
    return results.map((result) => result.body.entityId);
  });
  storing = false;
  const requests = createRequests({ tenantId: TENANT, accounts, batch, spread, runId: '00000001' });

  return {
    async run(until) {
      counts = noCounts();
      const endMs = 'seconds' in until ? performance.now() + until.seconds * 1_000 : Infinity;
      const most = 'requests' in until ? until.requests : Infinity;
      async function keepOneInFlight(slot: number): Promise<void> {
        while (counts.requests < most && performance.now() < endMs) {
          counts.requests += 1;
          const body = requests.next(slot);
          const reply = await handle(body);
          observer.exchange?.(body, reply);
          counts.commands += batch;
          counts.requestBytes += body.length;
          counts.replyBytes += reply.length;
        }
      }
      await Promise.all(Array.from({ length: inFlight }, (_, slot) => keepOneInFlight(slot)));
      return counts;
    },
  };
}

async function setUp(count: number, submit: (commands: readonly object[]) => Promise<string[]>): Promise<string[]> {
  const { catalog, customers, accounts } = setupCommands(count);
  await submit(catalog);
  const customerIds: string[] = [];
  for (let at = 0; at < count; at += 500) customerIds.push(...(await submit(customers.slice(at, at + 500))));
  const opened: string[] = [];
  const openings = accounts(customerIds);
  for (let at = 0; at < count; at += 500) opened.push(...(await submit(openings.slice(at, at + 500))));
  return opened;
}

function putRequest(item: Item): Buffer {
  const request = {
    TableName: 'TuringCore-JournalTable',
    Item: item,
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  return Buffer.from(JSON.stringify(request));
}

function noCounts(): WritePathCounts {
  return {
    requests: 0,
    commands: 0,
    events: 0,
    commits: 0,
    turns: 0,
    requestBytes: 0,
    replyBytes: 0,
    putBytes: 0,
    writeUnits: 0,
    itemBytes: 0,
  };
}
