import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createCustomer, move, openAccount } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { breachesOf } from './support/audit.ts';
import type { HttpAnswer } from './support/http.ts';

const tenantId = 'CU_TEST';

let cloud: TestCloud;
let ledger: LedgerClient;
let members: Member[];
let authorization: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  members = await openBank(ledger, { tenantId, members: 20 });
  authorization = `Bearer ${await cloud.token()}`;
});
afterAll(() => cloud.stop());

const post = (command: CommandEnvelope): Promise<HttpAnswer> =>
  cloud.send({
    method: 'POST',
    path: `/v1/tenants/${tenantId}/commands`,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(command),
  });
const accountOf = (index: number): string => members[index]?.accountId ?? '';
const balanceOf = async (accountId: string): Promise<number | undefined> =>
  (await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/balance', { params: { path: { tenantId, accountId } } }))
    .data?.balance;

async function headsOf(): Promise<Map<string, number>> {
  const { data } = await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId } } });
  return new Map(data?.chains.map((each) => [each.chain, each.headSeq]));
}

describe('at once', () => {
  it.each<[string, () => CommandEnvelope, number]>([
    ['entry', () => move('GL_SALARY', accountOf(0), 10, { id: 'fifty times' }), 202],
    ['entry across chains', () => move(accountOf(0), accountOf(1), 1, { id: 'fifty times across' }), 202],
    ['customer', () => createCustomer(500), 202],
    ['account', () => openAccount(members[0]?.customerId ?? '', { id: 'fifty openings', initialDeposit: 5 }), 202],
    ['refused entry', () => move(accountOf(0), 'GL_CARDS', 99_999, { id: 'fifty refusals' }), 422],
  ])('the same %s, sent 50 times, has one effect and 50 equal bodies', async (_, command, status) => {
    const before = await headsOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(command())));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([status]));
    const bodies = new Set(answers.map((answer) => answer.text));
    expect(bodies.size).toBe(1);
    const { events = [{}] } = JSON.parse([...bodies][0] ?? '') as { events?: unknown[] };
    const after = await headsOf();
    const appended = [...after].reduce((sum, [chain, seq]) => sum + seq - (before.get(chain) ?? 0), 0);
    // A refusal is one event, which its answer does not name.
    expect(appended).toBe(events.length);
  });

  it('the same key for 50 different commands is one command’s, and a 409 for all others', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        post(move('GL_SALARY', accountOf(2), index + 1, { id: `rival ${index}`, key: 'contested' })),
      ),
    );
    const won = answers.findIndex((answer) => answer.status === 202);
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 409)).toHaveLength(49);
    await cloud.cloud.settled();
    expect(await balanceOf(accountOf(2))).toBe(100 + won + 1);
  });

  it('64 single commands on one chain are all in it, one after the other', async () => {
    const accountId = accountOf(3);
    const before = await headsOf();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => post(move('GL_SALARY', accountId, 1, { id: `of 64 ${index}` }))),
    );
    const seqs = answers.flatMap((answer) =>
      (JSON.parse(answer.text) as { events: { seq: number }[] }).events.map((event) => event.seq),
    );
    const first = (before.get(accountId.slice(4, 6)) ?? 0) + 1;
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 192 }, (_, index) => first + index));
    await cloud.cloud.settled();
    expect(await balanceOf(accountId)).toBe(164);
  });

  it('64 withdrawals of what is there for 10 leave exactly 10 accepted and nothing owed', async () => {
    const accountId = accountOf(4);
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => post(move(accountId, 'GL_CARDS', 10, { id: `spent ${index}` }))),
    );
    const counts = Map.groupBy(answers, (answer) => answer.status);
    expect([counts.get(202)?.length, counts.get(422)?.length]).toEqual([10, 54]);
    await cloud.cloud.settled();
    expect(await balanceOf(accountId)).toBe(0);
  });

  it('payments in a ring over all chains, both ways, neither deadlock nor lose a cent', async () => {
    const ring = members.slice(5);
    const pay = (from: number, to: number, id: string) =>
      post(move(ring[from]?.accountId ?? '', ring[to]?.accountId ?? '', 1, { id }));
    const answers = await Promise.all(
      ring.flatMap((_, index) => [
        pay(index, (index + 1) % ring.length, `round ${index}`),
        pay((index + 1) % ring.length, index, `back ${index}`),
      ]),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    await cloud.cloud.settled();
    for (const { accountId } of ring) expect(await balanceOf(accountId)).toBe(100);
  });

  it('leaves every chain, balance and view as an independent audit recomputes them', async () => {
    expect(await breachesOf(cloud, tenantId)).toEqual([]);
  });
});
