import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import type { Reply } from '../../src/gateway/reply.ts';
import { type Journal, JournalUnavailableError } from '../../src/journal/port.ts';
import { type AppendFault, JOURNAL_ENGINES, type JournalEngine, withFaults } from '../support/journals.ts';
import * as ledger from '../support/ledger.ts';
import { at, nextTenant, openWritePath } from '../support/write-path.ts';

const { balancesOf, entityOf, gatewayOn, openAccount, send, sendBatch } = ledger;

describe.each(Object.keys(JOURNAL_ENGINES))('write path on %s', (name) => {
  let engine: JournalEngine;
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
  });
  afterAll(() => engine.stop());

  it('loses nothing and forks nothing with 64 writers on one chain', async () => {
    const { bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    // A process each: none knows of the others, and all begin with the same tail.
    const writers = Array.from({ length: 64 }, () => gatewayOn(engine.journal(), { budgetMs: 60_000 }));
    const replies = await Promise.all(
      writers.map((writer, index) => send(writer, post('GL_SALARY_CLEARING', accountId, 1.01, `writer ${index}`))),
    );
    const chains = await verified();
    const posted = [...chains.values()].flat().filter((event) => event.type === 'EntryPosted');
    expect(posted.map((event) => event.entityId).sort()).toEqual(replies.map(entityOf).sort());
    expect(balancesOf(chains).get(accountId)).toBe(100_00 + 64 * 101);
  });

  it('shares commits between commands in flight', async () => {
    const { journal, bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    const appends: number[] = [];
    const counting: Journal = {
      ...journal,
      append: (request) => (appends.push(request.commits.length), journal.append(request)),
    };
    const one = gatewayOn(counting);
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => send(one, post('GL_X', accountId, 1, `shared ${index}`))),
    );
    expect(replies.every((reply) => reply.kind === 'accepted')).toBe(true);
    expect(appends.length).toBeLessThan(20);
    await verified();
  });

  it('gives one effect and 50 equal answers to a command sent 50 times at once, by one process or by many', async () => {
    const { gateway, bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    for (const [round, senders] of [
      [gateway],
      Array.from({ length: 10 }, () => gatewayOn(engine.journal(), { budgetMs: 60_000 })),
    ].entries()) {
      const entry = post('GL_X', accountId, 5, `same ${round}`);
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, index) => send(at(senders, index % senders.length), entry)),
      );
      const answers = new Set(replies.map((reply) => JSON.stringify(reply)));
      expect(answers.size).toBe(1);
      expect(at(replies, 0).kind).toBe('accepted');
    }
    expect(balancesOf(await verified()).get(accountId)).toBe(100_00 + 2 * 500);
    // A refusal is remembered like an acceptance, even when the reason for it is gone.
    const refused = post(accountId, 'GL_X', 1_000, 'too much');
    const first = await send(gateway, refused);
    expect(first).toMatchObject({
      kind: 'violation',
      body: { error: 'InsufficientFunds', invariant: 'ACCOUNT_CONSTRAINTS' },
    });
    await send(gateway, post('GL_X', accountId, 5_000, 'rich'));
    expect(await send(gatewayOn(engine.journal()), refused)).toEqual(first);
  });

  it('refuses a key that was used for another payload, and takes the same payload with its fields in another order', async () => {
    const { gateway, bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    const entry = { ...post('GL_X', accountId, 5, 'keyed', { tags: { a: '1', b: '2' } }), idempotencyKey: 'key' };
    const first = await send(gateway, entry);
    const shuffled = {
      ...entry,
      commandId: ledger.uuidOf('other'),
      payload: { ...entry.payload, tags: { b: '2', a: '1' } },
    } as CommandEnvelope;
    expect(await send(gateway, shuffled)).toEqual(first);
    const other = { ...post('GL_X', accountId, 6, 'keyed other'), idempotencyKey: 'key' };
    expect(await send(gateway, other)).toMatchObject({ kind: 'fault', code: 'IdempotencyKeyReused' });
    expect(balancesOf(await verified()).get(accountId)).toBe(105_00);
  });

  it('answers each command of a mixed batch in order', async () => {
    const { gateway, tenantId, bank, post, verified } = openWritePath(engine);
    const [first, second] = await bank(2);
    if (!first || !second) throw new Error('Two members expected');
    const replies = await sendBatch(
      gateway,
      [
        post('GL_X', first.accountId, 50, 'a'),
        post(first.accountId, 'GL_X', 150.01, 'b'),
        { no: 'envelope' },
        post(first.accountId, second.accountId, 150, 'c'),
        { ...post('GL_X', first.accountId, 1, 'd'), tenantId: 'CU_OTHER' },
        post(second.accountId, 'GL_X', 250, 'e'),
        post('GL_X', first.accountId, 0.001, 'f'),
        post('GL_X', first.accountId, 50, 'a'),
      ],
      tenantId,
    );
    expect(
      replies.map((reply) =>
        reply.kind === 'accepted' ? 'ok' : reply.kind === 'violation' ? reply.body.error : reply.code,
      ),
    ).toEqual(['ok', 'InsufficientFunds', 'ValidationError', 'ok', 'ValidationError', 'ok', 'ValidationError', 'ok']);
    expect(replies[7]).toEqual(replies[0]);
    const balances = balancesOf(await verified());
    expect([balances.get(first.accountId), balances.get(second.accountId)]).toEqual([0, 0]);
    expect([...balances.values()].reduce((sum, balance) => sum + balance, 0)).toBe(0);
  });

  it('creates a tenant, its products and members in one batch', async () => {
    const { gateway, tenantId } = openWritePath(engine);
    const replies = await sendBatch(
      gateway,
      [ledger.createTenant(tenantId), ...ledger.products(tenantId), ledger.createCustomer(1, { tenantId })],
      tenantId,
    );
    expect(replies.map((reply) => reply.kind)).toEqual(Array.from({ length: 6 }, () => 'accepted'));
    expect(
      await send(gatewayOn(engine.journal()), { ...ledger.createTenant(tenantId), commandId: ledger.uuidOf('again') }),
    ).toMatchObject({
      kind: 'violation',
      body: { error: 'TenantExists' },
    });
  });

  it('keeps every promise under any sequence of lost, late and failed appends', async () => {
    const { journal, tenantId, bank, post, verified } = openWritePath(engine);
    const members = await bank(6, 50);
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom<AppendFault>('none', 'before', 'after', 'late'), { maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 6_000 })), { minLength: 1, maxLength: 10 }),
        async (faults, moves) => {
          round += 1;
          const before = balancesOf(await verified());
          const flaky = gatewayOn(
            withFaults(journal, [...faults], () => new JournalUnavailableError('planned')),
            { budgetMs: 30_000 },
          );
          const commands = moves.map(([from, to, cents], index) =>
            from === to
              ? post('GL_X', at(members, to).accountId, cents / 100, `r${round} ${index}`)
              : post(at(members, from).accountId, at(members, to).accountId, cents / 100, `r${round} ${index}`),
          );
          const replies = await sendBatch(flaky, commands, tenantId);
          const repeated = await sendBatch(gatewayOn(journal), commands, tenantId);
          // Whatever was answered for good is what every later repeat answers.
          const settled = replies.map((reply, index) => (reply.kind === 'fault' ? repeated[index] : reply));
          expect(repeated).toEqual(settled);
          const model = new Map(before);
          const change = (account: string, cents: number) => model.set(account, (model.get(account) ?? 0) + cents);
          for (const [index, [from, to, cents]] of moves.entries()) {
            if (repeated[index]?.kind !== 'accepted') continue;
            change(from === to ? 'GL_X' : at(members, from).accountId, -cents);
            change(at(members, to).accountId, cents);
          }
          const after = balancesOf(await verified());
          for (const { accountId } of members) expect(after.get(accountId)).toBe(model.get(accountId) ?? 0);
          for (const { accountId } of members) expect(after.get(accountId)).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: name === 'memory' ? 60 : 12 },
    );
  }, 120_000);

  it('writes nothing on a dry run and says what would happen', async () => {
    const { gateway, tenantId, bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    const before = await verified();
    const dry = (envelope: CommandEnvelope): Promise<Reply> =>
      gateway.submit(envelope, { tenantId, principal: ledger.principal(tenantId), dryRun: true });
    expect(await dry(post('GL_X', accountId, 5, 'dry'))).toMatchObject({ kind: 'accepted', body: { dryRun: true } });
    expect(await dry(post(accountId, 'GL_X', 500, 'dry refused'))).toMatchObject({
      kind: 'violation',
      body: { error: 'InsufficientFunds' },
    });
    expect(await verified()).toEqual(before);
  });

  it('says on a dry run that a value is taken', async () => {
    const { gateway, tenantId, bank } = openWritePath(engine);
    await bank(1);
    const taken = ledger.createCustomer(77, { tenantId, person: { email: 'member0@example.com' } });
    const submission = { tenantId, principal: ledger.principal(tenantId), dryRun: true };
    expect(await gateway.submit(taken, submission)).toMatchObject({ kind: 'violation', body: { error: 'EmailTaken' } });
    expect(await gateway.submit(ledger.createCustomer(78, { tenantId }), submission)).toMatchObject({
      kind: 'accepted',
    });
  });

  it('opens accounts on products as another process has just left them', async () => {
    const { gateway, tenantId, bank } = openWritePath(engine);
    const { customerId } = at(await bank(1), 0);
    const withdrawn = ledger.command(
      'UpsertProduct',
      { productCode: 'SAVER', name: 'Saver', productType: 'DEPOSIT', status: 'WITHDRAWN', interest: { rate: 0 } },
      { id: `withdraw ${tenantId}`, tenantId },
    );
    entityOf(await send(gatewayOn(engine.journal()), withdrawn));
    expect(
      await send(gateway, openAccount(customerId, { id: 'too late', tenantId, productCode: 'SAVER' })),
    ).toMatchObject({
      body: { error: 'ProductWithdrawn' },
    });
  });

  it('gives tenants ids of their own for commands with the same key', async () => {
    const { gateway } = openWritePath(engine);
    const idOf = async (tenantId: string) => {
      await ledger.openBank(gateway, { members: 1, tenantId });
      const customer = { ...ledger.createCustomer(50, { tenantId }), idempotencyKey: 'the same' };
      return entityOf(await send(gateway, customer)).slice('cust_00_'.length);
    };
    const mine = await idOf(nextTenant());
    expect(await idOf(nextTenant())).not.toBe(mine);
  });

  it('opens loans by the criteria and keeps draws within the principal', async () => {
    const { gateway, tenantId, bank, post } = openWritePath(engine);
    const { customerId, accountId } = at(await bank(1), 0);
    const apply = (id: string, loan: { principal?: number; termMonths?: number }) =>
      send(gateway, openAccount(customerId, { id, tenantId, productCode: 'LOAN', loan }));
    expect(await apply('small', { principal: 1_999 })).toMatchObject({ body: { error: 'LoanAmountOutOfRange' } });
    expect(await apply('term', { principal: 5_000, termMonths: 18 })).toMatchObject({
      body: { error: 'LoanTermNotOffered' },
    });
    expect(await apply('dti', { principal: 34_000.01 })).toMatchObject({
      body: { error: 'DebtToIncomeTooHigh', invariant: 'CREDIT_CRITERIA' },
    });
    const loanId = entityOf(await apply('good', { principal: 30_000 }));
    entityOf(await apply('another', { principal: 2_000 }));
    // All loans count: 30,000 + 2,000 + 2,000.01 is above 40 % of 85,000.
    expect(await apply('third', { principal: 2_000.01 })).toMatchObject({ body: { error: 'DebtToIncomeTooHigh' } });
    expect((await send(gateway, post(loanId, accountId, 30_000, 'draw'))).kind).toBe('accepted');
    expect(await send(gateway, post(loanId, accountId, 0.01, 'draw more'))).toMatchObject({
      body: { error: 'InsufficientFunds' },
    });
  });
});
