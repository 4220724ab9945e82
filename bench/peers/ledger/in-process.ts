import { audit } from '../../../src/audit/audit.ts';
import { createDynamoSource } from '../../../src/audit/dynamodb-source.ts';
import { RIGHTS } from '../../../src/contract/rights.ts';
import { createDynamoDb } from '../../../src/dynamodb/client.ts';
import { createGateway } from '../../../src/gateway/gateway.ts';
import type { Reply } from '../../../src/gateway/reply.ts';
import { createDynamoJournal } from '../../../src/journal/dynamodb-journal.ts';
import { REGISTRY_INDEX } from '../../../src/journal/items.ts';
import { openReplica } from '../../../src/journal/replica.ts';
import { sha256 } from '../../../src/journal/sha256.ts';
import { callEngine } from '../../../src/local/dynamodb/tables.ts';
import { ACTOR } from '../../support/actor.ts';
import { setupCommands, TENANT } from '../../support/bank.ts';
import { createRequests, type Requests } from '../../support/load/requests.ts';
import { closedLoop } from '../closed-loop.ts';
import { ACCOUNTS, type Cell, ONE_BY_ONE, type Peer } from '../peer.ts';
import { REGION, startSharedEngine } from '../shared-engine.ts';
import { BATCHED_BY_CHAIN, spreadOf } from './spread.ts';

const JOURNAL = 'journal';
const VIEWS = 'views';
const SETUP_BATCH = 500;
const OF_VIEWS = 'DERIVED_BALANCES';

/** Ours without the way to it: the bytes of a request into the gateway, commits to the engine; no HTTP in front and no views. */
export const inProcess: Peer = {
  name: 'TuringCore in process',
  cells: [...ONE_BY_ONE, ...BATCHED_BY_CHAIN],
  notes:
    'The write path alone, nearest to a stored procedure: parsing, rights, validation, decision, hash chains, commits over HTTP to the engine behind the local cloud’s front; no HTTP before the gateway, no token, no views.',
  async open({ dataDir, say }) {
    const engine = await startSharedEngine({ dataDir, log: say });
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const client = createDynamoDb({
      address: { region: REGION, endpoint: new URL(engine.url) },
      credentials: () => credentials,
    });
    for (const body of TABLES) await callEngine({ endpoint: engine.url, operation: 'CreateTable', body });
    const gateway = createGateway({
      journalOf: () => createDynamoJournal({ client, tableName: JOURNAL }),
      openReplica,
      sha256,
      now: () => new Date().toISOString(),
    });
    const submission = {
      tenantId: TENANT,
      principal: { subject: ACTOR, tenants: new Set([TENANT]), rights: new Set<string>(RIGHTS) },
    };
    const accounts = await setUp(async (commands) => accepted(await gateway.submitBatch({ commands }, submission)));
    const requests = new Map<string, Requests>();
    let acknowledged = 0;
    let runs = 0;

    function requestsFor(cell: Cell): Requests {
      const wanted = { batch: cell.batch, spread: spreadOf(cell) };
      const key = JSON.stringify(wanted);
      let made = requests.get(key);
      if (!made) {
        const runId = String(++runs).padStart(8, '0');
        requests.set(key, (made = createRequests({ tenantId: TENANT, accounts, ...wanted, runId })));
      }
      return made;
    }

    return {
      setting:
        'gateway and DynamoDB journal in one process, embedded DynamoDB engine on disk behind the local cloud’s front',
      async run(cell, seconds) {
        const bodies = requestsFor(cell);
        const window = await closedLoop({ inFlight: cell.concurrency, seconds }, async (slot) => {
          const input = JSON.parse(bodies.next(slot).toString()) as unknown;
          const replies =
            cell.batch === 1 ? [await gateway.submit(input, submission)] : await gateway.submitBatch(input, submission);
          return accepted(replies).length;
        });
        acknowledged += window.postings;
        return window;
      },
      async check() {
        const source = createDynamoSource({ client, journalTable: JOURNAL, viewsTable: VIEWS });
        // That views equal the journal cannot hold where there are none; all other invariants are the journal's own.
        const { tenants } = await audit({ source, tenantId: TENANT, waitMs: 0 });
        const [tenant] = tenants;
        const entries = tenant?.statistics.entries ?? 0;
        return [
          ...(entries === acknowledged ? [] : [`${acknowledged} postings were acknowledged, ${entries} are there`]),
          ...Object.entries(tenant?.invariants ?? {}).flatMap(([name, { breaches }]) =>
            breaches === 0 || name === OF_VIEWS ? [] : [`${breaches} checks of ${name} failed`],
          ),
        ];
      },
      async close() {
        client.close();
        await engine.stop();
      },
    };
  },
};

async function setUp(submit: (commands: readonly object[]) => Promise<string[]>): Promise<string[]> {
  const inParts = async (commands: readonly object[]): Promise<string[]> => {
    const made: string[] = [];
    for (let at = 0; at < commands.length; at += SETUP_BATCH)
      made.push(...(await submit(commands.slice(at, at + SETUP_BATCH))));
    return made;
  };
  const { catalog, customers, accounts } = setupCommands(ACCOUNTS);
  await submit(catalog);
  return inParts(accounts(await inParts(customers)));
}

/** @returns what the commands made @throws where one was not accepted */
function accepted(replies: Reply[] | Reply): string[] {
  if (!Array.isArray(replies)) throw new Error(`The batch was answered with ${JSON.stringify(replies)}`);
  return replies.map((reply) => {
    if (reply.kind !== 'accepted') throw new Error(`A command was answered with ${JSON.stringify(reply)}`);
    return reply.body.entityId;
  });
}

const TABLES = [
  {
    TableName: JOURNAL,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'registry', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: REGISTRY_INDEX,
        KeySchema: [
          { AttributeName: 'registry', KeyType: 'HASH' },
          { AttributeName: 'pk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  },
  {
    TableName: VIEWS,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  },
];
