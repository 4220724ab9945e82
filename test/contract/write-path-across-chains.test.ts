import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainOfId } from '../../src/core/chain/name.ts';
import type { Journal } from '../../src/journal/port.ts';
import { JOURNAL_ENGINES, type JournalEngine } from '../support/journals.ts';
import * as ledger from '../support/ledger.ts';
import { at, openWritePath } from '../support/write-path.ts';

const { balancesOf, entityOf, gatewayOn, openAccount, send, sendBatch } = ledger;

describe.each(Object.keys(JOURNAL_ENGINES))('write path on %s', (name) => {
  let engine: JournalEngine;
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
  });
  afterAll(() => engine.stop());

  it('posts an entry over two chains whole, or not at all when one chain’s put fails', async () => {
    const { journal, gateway, bank, post, verified } = openWritePath(engine);
    const members = await bank(12);
    const from = at(members, 0);
    const to = members.find((member) => chainOfId(member.accountId) !== chainOfId(from.accountId));
    if (!to) throw new Error('Twelve members are on more than one chain');
    await send(gateway, post(from.accountId, to.accountId, 10, 'across'));
    // Another process moves the second chain on, so that this gateway's transaction fails on that one put.
    await send(gatewayOn(engine.journal()), post('GL_X', to.accountId, 1, 'in between'));
    const reply = await send(gateway, post(from.accountId, to.accountId, 20, 'across again'));
    expect(reply.kind).toBe('accepted');
    // The put of one chain fails for good: no trace on the other.
    const before = await verified();
    const broken = gatewayOn(
      {
        ...journal,
        append: async ({ commits, reservations }) =>
          journal.append({
            reservations,
            // A put that must fail: its seq is taken.
            commits: commits.map((commit) =>
              commit.chain === chainOfId(to.accountId) ? { ...commit, firstSeq: 1 } : commit,
            ),
          }),
      },
      { budgetMs: 300 },
    );
    expect(await send(broken, post(from.accountId, to.accountId, 30, 'broken'))).toMatchObject({
      code: 'ServiceUnavailable',
    });
    expect(await verified()).toEqual(before);
    const balances = balancesOf(before);
    expect([balances.get(from.accountId), balances.get(to.accountId)]).toEqual([70_00, 131_00]);
    // Foreign updates name the entry and its home, and the entry stands once.
    const home = chainOfId(from.accountId) ?? '';
    const foreign = (before.get(chainOfId(to.accountId) ?? '') ?? []).filter(
      (event) => event.type === 'AccountBalanceUpdated' && event.payload.home === home,
    );
    expect(foreign).toHaveLength(2);
    expect(await send(gatewayOn(engine.journal()), post(from.accountId, to.accountId, 20, 'across again'))).toEqual(
      reply,
    );
  });

  it('refuses an entry over two chains only on what stands on the other chain, whoever has written it', async () => {
    const { gateway, tenantId, bank, post } = openWritePath(engine);
    const members = await bank(12);
    const to = at(members, 0);
    const from = members.find((member) => chainOfId(member.accountId) !== chainOfId(to.accountId));
    if (!from) throw new Error('Twelve members are on more than one chain');
    // The receiver's leg comes first, so that the sender's chain is not the home of the entry.
    const draw = (amount: number, id: string) =>
      post(from.accountId, to.accountId, amount, id, {
        legs: [
          { accountId: to.accountId, direction: 'DEBIT', amount },
          { accountId: from.accountId, direction: 'CREDIT', amount },
        ],
      });
    await send(gateway, draw(1, 'this process knows both chains'));
    const other = gatewayOn(engine.journal());
    const opening = openAccount(from.customerId, { id: `second ${tenantId}`, tenantId, initialDeposit: 5 });
    const second = entityOf(await send(other, opening));
    entityOf(await send(other, post('GL_CASH', from.accountId, 500, 'money has come')));
    expect((await send(gateway, draw(400, 'now there is enough'))).kind).toBe('accepted');
    entityOf(await send(gateway, post(to.accountId, second, 1, 'to the new account')));
    expect(await send(gateway, draw(400, 'now there is not'))).toMatchObject({ body: { error: 'InsufficientFunds' } });
  });

  it('claims email, mobile and external reference once, whoever comes first and on whichever chain', async () => {
    const { gateway, tenantId, bank } = openWritePath(engine);
    await bank(1);
    const twins = Array.from({ length: 8 }, (_, index) =>
      ledger.createCustomer(1000 + index, { tenantId, person: { email: 'Same@example.com' } }),
    );
    const replies = await Promise.all(
      twins.map((twin, index) => send(index % 2 ? gateway : gatewayOn(engine.journal(), { budgetMs: 60_000 }), twin)),
    );
    expect(replies.filter((reply) => reply.kind === 'accepted')).toHaveLength(1);
    expect(replies.filter((reply) => reply.kind === 'violation' && reply.body.error === 'EmailTaken')).toHaveLength(7);
    const batch = await sendBatch(
      gateway,
      [
        ledger.createCustomer(2000, { tenantId }),
        ledger.createCustomer(2001, { tenantId, person: { mobile: '+61255502000' } }),
        {
          ...ledger.createCustomer(2002, { tenantId }),
          payload: { ...ledger.createCustomer(2002).payload, externalRef: 'CUST-2000' },
        },
      ],
      tenantId,
    );
    expect(batch.map((reply) => (reply.kind === 'violation' ? reply.body.error : reply.kind))).toEqual([
      'accepted',
      'MobileTaken',
      'ExternalRefTaken',
    ]);
  });

  it('takes the few commands on one chain that stand between others over several along in one transaction', async () => {
    const { journal, tenantId, bank, post, verified } = openWritePath(engine);
    const members = await bank(4);
    const chains = new Set(members.map(({ accountId }) => chainOfId(accountId)));
    expect(chains.size).toBeGreaterThan(1);
    const appends: number[] = [];
    const counting: Journal = {
      ...journal,
      append: (request) => (appends.push(request.commits.length), journal.append(request)),
    };
    const amounts = new Map(members.map(({ accountId }) => [accountId, 100_00]));
    const moves = Array.from({ length: 60 }, (_, index) => {
      const { accountId: from } = at(members, index % 4);
      const { accountId: to } = at(members, (index + 1 + (index % 3)) % 4);
      amounts.set(from, (amounts.get(from) ?? 0) - 100).set(to, (amounts.get(to) ?? 0) + 100);
      return post(from, to, 1, `move ${index}`);
    });
    const replies = await sendBatch(gatewayOn(counting), moves, tenantId);
    expect(replies).toEqual(moves.map(() => expect.objectContaining({ kind: 'accepted' }) as unknown));
    expect(appends.length).toBeLessThanOrEqual(3); // before, between and after
    const balances = balancesOf(await verified());
    expect(new Map([...amounts.keys()].map((accountId) => [accountId, balances.get(accountId)]))).toEqual(amounts);
  });
});
