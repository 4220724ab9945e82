import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  APIGatewayProxyEventV2WithJWTAuthorizer,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
} from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDynamoJournal } from '../../src/journal/dynamodb-journal.ts';
import type { Commit } from '../../src/journal/port.ts';
import { createMemoryViews } from '../../src/views/store/memory-views.ts';
import { projectBatch } from '../../src/views/projection/project-batch.ts';
import type { SweepAnswer } from '../../lambdas/sweep/handler.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf, doorbellOf, insertOf, kinesisEvent, projectorOn } from '../support/deliveries.ts';
import { type Engine, JOURNAL_TABLE, SNAPSHOTS_TABLE, startEngine, VIEWS_TABLE } from '../support/engine.ts';
import { readCursors } from '../../src/views/queries/read-cursors.ts';
import { createDynamoViews } from '../../src/views/store/dynamodb-views.ts';

const TENANT = 'CU_TEST';

/** The functions themselves, as Lambda loads them, on the embedded engine and a stream that only listens. */
describe('the functions of the views', () => {
  let engine: Engine;
  let stream: Server;
  let commits: Commit[];
  const rung: string[] = [];
  let refusals = 0;
  const printed: string[] = [];
  let project: (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;

  beforeAll(async () => {
    engine = await startEngine();
    stream = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        const { Records } = JSON.parse(body) as { Records: { Data: string; PartitionKey: string }[] };
        const results = Records.map(({ Data, PartitionKey }, index) => {
          if (refusals > 0 && index % 2 === 1)
            return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: '' };
          const { pk } = JSON.parse(Buffer.from(Data, 'base64').toString()) as { pk: string };
          expect(PartitionKey).toBe(pk);
          rung.push(pk);
          return { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
        });
        refusals = Math.max(0, refusals - 1);
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ FailedRecordCount: 0, Records: results }));
      });
    });
    await new Promise<void>((resolve) => stream.listen(0, '127.0.0.1', resolve));
    const environment = {
      JOURNAL_TABLE,
      VIEWS_TABLE,
      SNAPSHOTS_TABLE,
      STREAM_NAME: 'journal-stream',
      TENANT_ROLE_ARN: 'arn:aws:iam::000000000000:role/tenant',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${(stream.address() as AddressInfo).port}`,
      POWERTOOLS_SERVICE_NAME: 'projection',
      POWERTOOLS_METRICS_NAMESPACE: 'TuringCore', // Through the console, where a test can listen; that mode alone would switch metrics off.
      POWERTOOLS_DEV: 'true',
      POWERTOOLS_METRICS_DISABLED: 'false',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const method of ['log', 'error', 'info', 'warn'] as const)
      vi.spyOn(console, method).mockImplementation((line: unknown) => void printed.push(String(line)));

    const { journal } = await bankMonth({ members: 6, entries: 60 });
    commits = await commitsOf(journal, TENANT);
    const table = createDynamoJournal({ client: engine.client, tableName: JOURNAL_TABLE });
    for (const commit of commits) await table.append({ commits: [commit], reservations: [] });
    ({ handler: project } = await import('../../lambdas/projection/handler.ts'));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    stream.close();
    await engine.stop();
  });

  const metricsOf = (name: string) =>
    printed
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []))
      .filter((line) => '_aws' in line && name in line);

  it('rings for every chain whose views are behind, again where the stream turned it away', async () => {
    refusals = 2;
    const { handler: sweep } = await import('../../lambdas/sweep/handler.ts');
    const { lagging } = (await sweep()) as SweepAnswer;
    const chains = [...new Set(commits.map(({ tenantId, chain }) => `${tenantId}#chain#${chain}`))].sort();
    expect([...lagging].sort()).toEqual(chains);
    expect([...rung].sort()).toEqual(chains);
  });

  it('projects from records: commits, rings without one, reservations and what nobody can read', async () => {
    const half = commits.filter((_, index) => index % 2 === 0);
    const reservation = {
      eventName: 'INSERT',
      dynamodb: { Keys: { pk: { S: `${TENANT}#unique#email#00` }, sk: { N: '0' } }, NewImage: {} },
    };
    const unreadable = {
      eventName: 'INSERT',
      dynamodb: { Keys: { pk: { S: `${TENANT}#chain#00` }, sk: { N: '1' } }, NewImage: { pk: { S: 'x' } } },
    };
    const records = kinesisEvent([...half.map(insertOf), reservation, unreadable, ...rung.map((pk) => ({ pk }))]);
    records.Records[0]!.kinesis.data = Buffer.from('no JSON').toString('base64');
    expect(await project(records)).toEqual({ batchItemFailures: [] });

    const reference = createMemoryViews();
    const table = createDynamoJournal({ client: engine.client, tableName: JOURNAL_TABLE });
    await projectBatch(
      commits.map((commit) => doorbellOf(commit)),
      projectorOn(table, reference),
    );
    const cursors = await readCursors(createDynamoViews({ client: engine.client, tableName: VIEWS_TABLE }), TENANT);
    expect(cursors).toEqual(await readCursors(reference, TENANT));

    const events = commits.reduce((sum, { firstSeq, lastSeq }) => sum + lastSeq - firstSeq + 1, 0);
    const counted = metricsOf('EventsProjected').flatMap((line) => line['EventsProjected'] as number[] | number);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(events);
    expect(metricsOf('ProjectionLagMs').length).toBeGreaterThan(0);
    expect(metricsOf('InvariantBreaches')).toEqual([]);
    const { handler: sweep } = await import('../../lambdas/sweep/handler.ts');
    expect(await sweep()).toEqual({ lagging: [], snapshots: [], rebuilt: [] });
  });

  it('counts a change of what never changes as a breach', async () => {
    const changed = { ...insertOf(commits[0]!), eventName: 'MODIFY' };
    expect(await project(kinesisEvent([changed]))).toEqual({ batchItemFailures: [] });
    expect(metricsOf('InvariantBreaches')).toMatchObject([{ invariant: 'HASH_CHAIN', InvariantBreaches: 1 }]);
    const { tenantId, chain, firstSeq } = commits[0]!;
    const logged = printed.filter((line) => line.includes('Invariant breached'));
    expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([
      {
        message: 'Invariant breached',
        invariant: 'HASH_CHAIN',
        tenantId,
        chain,
        seq: firstSeq,
        reason: 'A commit was changed in the journal, where nothing ever changes',
        evidence: { change: 'MODIFY' },
      },
    ]);
    expect(printed.filter((line) => /reserved/i.test(line))).toEqual([]);
  });

  it('answers over HTTP with the refusal that each fault has', async () => {
    const { handler: query } = await import('../../lambdas/query/handler.ts');
    const ask = async (options: {
      path?: Record<string, string>;
      query?: Record<string, string>;
      scope?: string;
      claims?: boolean;
    }) => {
      // Only what the handler reads of an event of API Gateway.
      const event = {
        routeKey: 'GET /v1/tenants/{tenantId}/accounts',
        headers: {},
        pathParameters: { tenantId: TENANT, ...options.path },
        queryStringParameters: options.query,
        requestContext:
          options.claims === false
            ? {}
            : {
                authorizer: {
                  jwt: {
                    claims: {
                      sub: 'x',
                      token_use: 'access',
                      scope: options.scope ?? `tenants/${TENANT} rights/queries`,
                    },
                  },
                },
              },
      } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;
      const { statusCode, body } = await query(event, {} as never);
      return {
        statusCode,
        body: JSON.parse(body ?? '') as { error?: string; details?: { faults: { path: string }[] } },
      };
    };
    expect(await ask({ claims: false })).toMatchObject({ statusCode: 401, body: { error: 'Unauthorized' } });
    expect(await ask({ scope: `tenants/${TENANT} rights/commands:PostEntry` })).toMatchObject({
      statusCode: 403,
      body: { error: 'Forbidden' },
    });
    expect(await ask({ scope: 'tenants/CU_OTHER rights/queries' })).toMatchObject({
      statusCode: 403,
      body: { error: 'Forbidden' },
    });
    const refused = await ask({ path: { tenantId: 'no tenant' }, query: { limit: '0', offset: '1e3', colour: 'red' } });
    expect(refused).toMatchObject({ statusCode: 400, body: { error: 'ValidationError' } });
    expect(refused.body.details?.faults.map(({ path }) => path)).toEqual(['tenantId', 'limit', 'offset', 'colour']);
  });
});
