import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectCloud } from '../../src/cli/cloud/running-cloud.ts';
import { auditBy } from '../../src/cli/audit/audit-machine.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { openBank } from './support/bank.ts';

const TENANT = 'CU_OWNED';

let cloud: TestCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
  await openBank(cloud.ledger({ tenants: [TENANT] }), { tenantId: TENANT, members: 2, deposit: 100 });
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

/** As another process of the owner would. */
const owner = (options: { localSecret?: string; stop?: AbortSignal } = {}) => {
  const { endpoints, localSecret } = cloud.cloud;
  return connectCloud({ awsUrl: endpoints.aws, localSecret, ...options }, options.stop);
};

const ask = (path: string, { secret = cloud.cloud.localSecret, ...init }: RequestInit & { secret?: string } = {}) =>
  fetch(`${cloud.cloud.endpoints.aws}/_local/${path}`, { ...init, headers: { 'x-local-secret': secret } });

async function answerTo(path: string, init: RequestInit & { secret?: string } = {}) {
  const response = await ask(path, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('an execution that the owner asks for', () => {
  it('is started, and its outcome told when it has ended', async () => {
    const started = await answerTo('executions/Audit', { method: 'POST', body: JSON.stringify({ tenantId: TENANT }) });
    expect(started).toMatchObject({ status: 201, body: { executionArn: expect.stringContaining(':execution:') } });
    const ended = await answerTo(`executions/${String(started.body['executionArn'])}`);
    expect(ended).toMatchObject({ status: 200, body: { status: 'SUCCEEDED', output: expect.any(String) } });
    const { tenants } = await auditBy(owner(), { tenantId: TENANT });
    expect(JSON.parse(String(ended.body['output']))).toMatchObject({ digest: expect.any(String), tenants });
    expect(tenants).toMatchObject([{ tenantId: TENANT, views: { state: 'compared' }, statistics: { members: 2 } }]);
  });

  it('fails with what its function said', async () => {
    await expect(auditBy(owner(), { tenantId: 'CU_NONE' })).rejects.toMatchObject({
      name: 'CliError',
      exitCode: 1,
      message: 'Cannot audit tenant "CU_NONE": the journal has no such tenant',
    });
  });

  it('is not waited for by who was stopped', async () => {
    const stop = AbortSignal.abort();
    await expect(auditBy(owner({ stop }), { tenantId: TENANT })).rejects.toMatchObject({ message: 'Cancelled' });
  });
});

describe('what the owner cannot mean', () => {
  it('is a state machine or a function that the template does not have', async () => {
    for (const path of ['executions/Nothing', 'invoke/Nothing', 'kill/Nothing', 'executions/constructor']) {
      const { status, body } = await answerTo(path, { method: 'POST', body: '{}' });
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(body['errorMessage']).toMatch(/by "(?:Nothing|constructor)": 0 match among .*(?:Audit|AuditFunction)/);
    }
    await expect(owner().execute('Nothing', {})).rejects.toMatchObject({
      name: 'CliError',
      message: expect.stringMatching(/"Nothing": 0 match among .*Audit/),
    });
  });

  it('is an execution that nobody started, or an input that is no JSON', async () => {
    expect(await answerTo('executions/arn:none')).toMatchObject({
      status: 404,
      body: { errorMessage: 'Cannot find execution "arn:none": it was not started here' },
    });
    expect(await answerTo('executions/Audit', { method: 'POST', body: '{"tenantId":' })).toMatchObject({
      status: 400,
      body: { errorMessage: expect.stringContaining('Cannot read the request') },
    });
    expect((await ask('executions/%E0%A4%A', { method: 'POST', body: '{}' })).status).toBe(400);
  });
});

/** State transitions so far, once no more are being counted. */
async function transitions(): Promise<number> {
  for (let last = -1; ; await sleep(100)) {
    const { stateTransitions } = cloud.cloud.consumed();
    if (stateTransitions === last) return last;
    last = stateTransitions;
  }
}

describe('who has not the secret', () => {
  it.each(['guess', '', 'undefined'])('gets nothing done, and learns nothing (%j)', async (secret) => {
    const { executionArn, done } = await cloud.cloud.startExecution('Audit', { tenantId: 'CU_NONE' });
    await done;
    const before = await transitions();
    for (const [path, method] of [
      ['executions/Audit', 'POST'],
      ['executions/Nothing', 'POST'],
      [`executions/${executionArn}`, 'GET'],
      ['invoke/AuditFunction', 'POST'],
      ['kill/AuditFunction', 'POST'],
      ['consumed', 'GET'],
    ] as const) {
      const answer = await answerTo(path, { method, secret, ...(method === 'POST' && { body: '{}' }) });
      expect(answer).toEqual({
        status: 403,
        body: { error: 'Forbidden', message: 'The header x-local-secret is missing or wrong' },
      });
    }
    expect(await transitions()).toBe(before);
    await expect(auditBy(owner({ localSecret: secret }), {})).rejects.toMatchObject({ exitCode: 4 });
  });
});
