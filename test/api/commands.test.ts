import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createCustomer, createTenant, move, openAccount, products } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { bodyOf, submit, submitBatch } from './support/submit.ts';

const tenantId = 'CU_TEST';
const path = { tenantId };

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
const [jane, john] = [() => members[0]?.accountId ?? '', () => members[1]?.accountId ?? ''];

async function heads(): Promise<unknown> {
  const { data } = await ledger.GET('/tenants/{tenantId}/chains', { params: { path } });
  return data?.chains.map(({ chain, headSeq, headHash }) => ({ chain, headSeq, headHash }));
}

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger({ tenants: [tenantId, 'CU_OTHER'] });
  members = await openBank(ledger, { tenantId, members: 4 });
});
afterAll(() => cloud.stop());

describe('one command', () => {
  it('is accepted with what it made and its events, and a repeat gets the same body and makes nothing', async () => {
    const command = move('GL_SALARY', jane(), 12.34, { id: 'salary' });
    const first = await submit(ledger, command);
    expect(first).toMatchObject({
      commandId: command.commandId,
      status: 'ACCEPTED',
      correlationId: first.events[0]?.eventId,
    });
    expect(first.events.map((event) => event.eventType)).toEqual([
      'EntryPosted',
      'AccountBalanceUpdated',
      'AccountBalanceUpdated',
    ]);
    expect(first.entityId).toMatch(/^ent_\d\d_\d+_[0-9a-f]{12}$/);
    const before = await heads();
    expect(await submit(ledger, command)).toEqual(first);
    expect(await heads()).toEqual(before);
  });

  it('keeps the answer under its idempotency key, whatever the command’s own id', async () => {
    const first = await submit(ledger, move('GL_SALARY', jane(), 1, { id: 'keyed', key: 'one key' }));
    const again = await submit(ledger, { ...move('GL_SALARY', jane(), 1, { id: 'keyed again', key: 'one key' }) });
    expect(again).toEqual(first);
  });

  it('is refused with 422 by an invariant, recorded, and refused alike when it is repeated', async () => {
    const command = move(jane(), 'GL_CARDS', 1_000_000, { id: 'too much' });
    const refuse = async () => {
      const { error, response } = await ledger.POST('/tenants/{tenantId}/commands', {
        params: { path },
        body: bodyOf(command),
      });
      expect(response.status).toBe(422);
      return error;
    };
    const before = await heads();
    const first = await refuse();
    expect(first).toMatchObject({
      commandId: command.commandId,
      error: 'InsufficientFunds',
      invariant: 'ACCOUNT_CONSTRAINTS',
      details: { accountId: jane(), amount: 1_000_000 },
    });
    const after = await heads();
    expect(after).not.toEqual(before);
    expect(await refuse()).toEqual(first);
    expect(await heads()).toEqual(after);
  });

  it('moves money between chains in one entry', async () => {
    const accepted = await submit(ledger, move(jane(), john(), 5, { id: 'across' }));
    expect(new Set(accepted.events.map((event) => event.chain))).toEqual(
      new Set([jane().slice(4, 6), john().slice(4, 6)]),
    );
    expect(jane().slice(4, 6)).not.toBe(john().slice(4, 6));
  });
});

describe('a dry run', () => {
  it('answers 200 with what would be made, and writes nothing', async () => {
    const command = openAccount(members[2]?.customerId ?? '', { id: 'dry', initialDeposit: 10 });
    const before = await heads();
    const { data, response } = await ledger.POST('/tenants/{tenantId}/commands', {
      params: { path, query: { dryRun: 'true' } },
      body: bodyOf(command),
    });
    expect(response.status).toBe(200);
    expect(data).toMatchObject({ dryRun: true, status: 'ACCEPTED' });
    expect(await heads()).toEqual(before);
    const made = await submit(ledger, command);
    expect(made.dryRun).toBeUndefined();
    expect({ entityId: made.entityId, events: made.events }).toEqual({
      entityId: data?.entityId,
      events: data?.events,
    });
  });

  it('answers 422 for what an invariant would refuse, and records nothing', async () => {
    const before = await heads();
    const command = move(jane(), 'GL_CARDS', 1_000_000, { id: 'dry and too much' });
    const { response } = await ledger.POST('/tenants/{tenantId}/commands', {
      params: { path, query: { dryRun: 'true' } },
      body: bodyOf(command),
    });
    expect(response.status).toBe(422);
    expect(await heads()).toEqual(before);
  });

  it('of a batch answers each command for itself, and writes nothing', async () => {
    const before = await heads();
    const commands = [
      move('GL_SALARY', jane(), 1, { id: 'dry 1' }),
      move(jane(), 'GL_CARDS', 1_000_000, { id: 'dry 2' }),
      {},
    ];
    const { data } = await ledger.POST('/tenants/{tenantId}/commands/batch', {
      params: { path, query: { dryRun: 'true' } },
      body: { commands },
    });
    expect(data?.results.map((result) => result.status)).toEqual([200, 422, 400]);
    expect(await heads()).toEqual(before);
  });
});

describe('a batch', () => {
  it('answers good and bad commands each for itself, in order, and the good ones have their effect', async () => {
    await submit(ledger, move('GL_SALARY', jane(), 2, { id: 'used', key: 'used key' }));
    const commands = [
      move('GL_SALARY', jane(), 3, { id: 'good 1' }),
      { ...move('GL_SALARY', jane(), 3, { id: 'bad form' }), extra: true },
      move('GL_SALARY', jane(), 4, { id: 'other command', key: 'used key' }),
      move(jane(), 'GL_CARDS', 1_000_000, { id: 'overdrawn' }),
      { ...move('GL_SALARY', jane(), 3, { id: 'another actor' }), actor: { actorType: 'USER', actorId: 'SOMEBODY' } },
      createTenant('CU_OTHER'),
      move('GL_SALARY', jane(), 3, { id: 'good 1' }),
      move(john(), jane(), 1, { id: 'good 2' }),
    ];
    const results = await submitBatch(ledger, tenantId, commands);
    expect(results.map((result) => result.status)).toEqual([202, 400, 409, 422, 403, 400, 202, 202]);
    expect(results.map(({ body }) => ('status' in body ? body.status : body.error))).toEqual([
      'ACCEPTED',
      'ValidationError',
      'IdempotencyKeyReused',
      'InsufficientFunds',
      'Forbidden',
      'ValidationError',
      'ACCEPTED',
      'ACCEPTED',
    ]);
    expect(results[6]).toEqual(results[0]);
  });

  it('takes a tenant, its products, a member and money at once', async () => {
    const other = cloud.ledger({ tenants: ['CU_WHOLE'] });
    const results = await submitBatch(other, 'CU_WHOLE', [
      createTenant('CU_WHOLE'),
      ...products('CU_WHOLE'),
      createCustomer(1, { tenantId: 'CU_WHOLE' }),
    ]);
    expect(results.map((result) => result.status)).toEqual([202, 202, 202, 202, 202, 202]);
  });

  it('takes a thousand commands, and no more', async () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) =>
      move('GL_SALARY', john(), 0.01, { id: `of a thousand ${index}` }),
    );
    const results = await submitBatch(ledger, tenantId, thousand);
    expect(new Set(results.map((result) => result.status))).toEqual(new Set([202]));
    const { error, response } = await ledger.POST('/tenants/{tenantId}/commands/batch', {
      params: { path },
      body: { commands: [...thousand, {}] },
    });
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ error: 'ValidationError', details: { faults: [{ path: 'commands' }] } });
  });
});
