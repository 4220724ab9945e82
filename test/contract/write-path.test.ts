import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import { chainOfId } from '../../src/core/chain/name.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Reply } from '../../src/gateway/reply.ts';
import { type Journal, JournalUnavailableError } from '../../src/journal/port.ts';
import { type AppendFault, JOURNAL_ENGINES, type JournalEngine, withFaults } from '../support/journals.ts';
import * as ledger from '../support/ledger.ts';

const { balancesOf, entityOf, gatewayOn, move, openAccount, openBank, readVerified, send, sendBatch } = ledger;

let sequence = 0;

describe.each(Object.keys(JOURNAL_ENGINES))('write path on %s', (name) => {
  let engine: JournalEngine;
  let journal: Journal;
  let gateway: Gateway;
  let tenantId: string;
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    journal = engine.journal();
    gateway = gatewayOn(journal);
    sequence += 1;
    tenantId = `CU_${sequence}`;
  });

  const bank = (members: number, deposit?: number) =>
    openBank(gateway, { members, tenantId, ...(deposit !== undefined && { deposit }) });
  const post = (from: string, to: string, amount: number, id: string, change?: ledger.EntryOptions['change']) =>
    move(from, to, amount, { id, tenantId, ...(change && { change }) });
  const at = <T>(list: readonly T[], index: number): T => {
    const value = list[index];
    if (value === undefined) throw new Error(`Nothing at ${index}`);
    return value;
  };
  const verified = () => readVerified(journal, tenantId);

  it('loses nothing and forks nothing with 64 writers on one chain', async () => {
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

  it('posts an entry over two chains whole, or not at all when one chain’s put fails', async () => {
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

  it('answers 503 when the journal does not, and a retry with the same key is safe', async () => {
    const { accountId } = at(await bank(1), 0);
    const unavailable = () => new JournalUnavailableError('planned');
    const never = Array.from<AppendFault>({ length: 50 }).fill('before');
    const entry = post('GL_X', accountId, 5, 'retried');
    const cut = gatewayOn(withFaults(journal, never, unavailable), { budgetMs: 100 });
    expect(await send(cut, entry)).toMatchObject({ kind: 'fault', code: 'ServiceUnavailable' });
    expect(balancesOf(await verified()).get(accountId)).toBe(100_00);
    // The write lands although its answer was lost.
    const lost = gatewayOn(withFaults(journal, Array.from<AppendFault>({ length: 50 }).fill('after'), unavailable), {
      budgetMs: 5_000,
    });
    expect((await send(lost, entry)).kind).toBe('accepted');
    expect(await send(gateway, entry)).toEqual(await send(lost, entry));
    expect(balancesOf(await verified()).get(accountId)).toBe(105_00);
  });

  it('decides nothing on a chain that is still being read for somebody whose other chain could not be read', async () => {
    const members = await bank(8);
    const { accountId } = at(members, 0);
    const other = members.find((member) => chainOfId(member.accountId) !== chainOfId(accountId));
    if (!other) throw new Error('Expected members on two chains');
    const slow = Promise.withResolvers<void>();
    let reads = 0;
    const halting: Journal = {
      ...journal,
      async *read(ref, options) {
        if (ref.chain === chainOfId(accountId) && (reads += 1) === 1) await slow.promise;
        if (ref.chain === chainOfId(other.accountId)) throw new JournalUnavailableError('Throttled');
        yield* journal.read(ref, options);
      },
    };
    const fresh = gatewayOn(halting);
    const across = send(fresh, post(accountId, other.accountId, 1, 'across'));
    const alone = send(fresh, post('GL_SALARY_CLEARING', accountId, 1, 'alone'));
    // Both would be through by now if nobody waited.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reads).toBe(1);
    slow.resolve();
    expect(await across).toMatchObject({ kind: 'fault', code: 'ServiceUnavailable' });
    expect(await alone).toMatchObject({ kind: 'accepted' });
    expect(balancesOf(await verified()).get(accountId)).toBe(100_00 + 100);
  });

  it('writes nothing on a chain that does not verify, and says so', async () => {
    const { accountId } = at(await bank(1), 0);
    const chain = chainOfId(accountId);
    const damaged: Journal = {
      ...journal,
      async *read(ref, options) {
        for await (const commit of journal.read(ref, options))
          yield ref.chain === chain ? { ...commit, body: commit.body.replace('2025', '2024') } : commit;
      },
    };
    const before = (await verified()).get(chain ?? '')?.length;
    const reply = await send(gatewayOn(damaged), post('GL_SALARY_CLEARING', accountId, 1, 'refused'));
    expect(reply).toMatchObject({ kind: 'fault', code: 'ServiceUnavailable' });
    expect(reply).toMatchObject({ message: expect.stringContaining('does not verify') as string });
    expect((await verified()).get(chain ?? '')?.length).toBe(before);
    expect(await send(gatewayOn(journal), post('GL_SALARY_CLEARING', accountId, 1, 'refused'))).toMatchObject({
      kind: 'accepted',
    });
  });

  it('keeps no command of a batch from sound chains for the sake of another’s chain that does not verify', async () => {
    const members = await bank(12);
    const [broken, payer, payee] = [
      ...new Map(members.map((member) => [chainOfId(member.accountId), member])).values(),
    ];
    if (!broken || !payer || !payee) throw new Error('Expected members on three chains');
    const damaged: Journal = {
      ...journal,
      async *read(ref, options) {
        for await (const commit of journal.read(ref, options))
          yield ref.chain === chainOfId(broken.accountId)
            ? { ...commit, body: commit.body.replace('2025', '2024') }
            : commit;
      },
    };
    const batch = (id: string) => [
      post(payer.accountId, broken.accountId, 1, `${id} to the broken`),
      post('GL_SALARY_CLEARING', payee.accountId, 1, `${id} alone`),
      post(payer.accountId, payee.accountId, 1, `${id} across`),
      post('GL_SALARY_CLEARING', broken.accountId, 1, `${id} on the broken`),
    ];
    const codes = async (replies: Promise<Reply[]>) =>
      (await replies).map((reply) => (reply.kind === 'fault' ? reply.code : reply.kind));
    const due = ['ServiceUnavailable', 'accepted', 'accepted', 'ServiceUnavailable'];
    expect(await codes(sendBatch(gatewayOn(damaged), batch('dry'), tenantId, { dryRun: true }))).toEqual(due);
    const one = gatewayOn(damaged);
    expect(await codes(sendBatch(one, batch('first'), tenantId))).toEqual(due);
    expect(await codes(sendBatch(one, batch('second'), tenantId))).toEqual(due);
    const chains = await verified();
    expect(balancesOf(chains).get(payee.accountId)).toBe(100_00 + 400);
    expect(await codes(sendBatch(gatewayOn(journal), batch('first'), tenantId))).toEqual(due.map(() => 'accepted'));
  });

  it('takes the few commands on one chain that stand between others over several along in one transaction', async () => {
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

  it('tells commands to come again whose turn comes too late, on one chain and across, and decides none of them', async () => {
    const members = await bank(3);
    const [first, second] = [at(members, 0).accountId, at(members, 1).accountId];
    const [begun, gate, over] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    if (!begun || !gate || !over) throw new Error('Three were made');
    const append: Journal['append'] = async (request) => {
      begun.resolve();
      await gate.promise;
      return journal.append(request);
    };
    const patience = { short: 10_000, long: 20_000 };
    const pause = (ms: number) => (ms === patience.short ? over.promise : new Promise<void>(() => undefined));
    const timers = { nowMs: () => 0, pause };
    const slow = gatewayOn({ ...journal, append }, { timers });
    const submit = (envelope: CommandEnvelope, patienceMs: number) =>
      slow.submit(envelope, { tenantId, principal: ledger.principal(tenantId), patienceMs });
    const ahead = submit(post(first, second, 1, 'ahead'), patience.short);
    await begun.promise;
    const behind = [
      submit(post('GL_SALARY', first, 1, 'late'), patience.short),
      submit(post(second, first, 1, 'late across'), patience.short),
      submit(post('GL_SALARY', first, 1, 'patient'), patience.long),
    ];
    over.resolve();
    // They are told while what is ahead of them still goes on.
    expect(await Promise.all(behind.slice(0, 2))).toMatchObject([
      { kind: 'fault', code: 'TooManyRequests' },
      { kind: 'fault', code: 'TooManyRequests' },
    ]);
    gate.resolve();
    expect(await Promise.all([ahead, behind[2]])).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    expect(await submit(post('GL_SALARY', first, 1, 'late'), 0)).toMatchObject({ code: 'TooManyRequests' });
    expect(await submit(post('GL_SALARY', first, 1, 'late'), patience.long)).toMatchObject({ kind: 'accepted' });
    // Twice paid in, once paid out.
    expect(balancesOf(await verified()).get(first)).toBe(10_100);
  });

  it('gives all groups of a turn one time together, and does not decide those that would begin after it', async () => {
    const { accountId } = at(await bank(1), 0);
    let clockMs = 0;
    let appends = 0;
    const append: Journal['append'] = (request) => {
      clockMs += 300;
      appends += 1;
      return journal.append(request);
    };
    const timers = { nowMs: () => clockMs, pause: () => Promise.resolve() };
    const slow = gatewayOn({ ...journal, append }, { timers, budgetMs: 800 });
    const commands = Array.from({ length: 1_000 }, (_, index) => post('GL_X', accountId, 1, `turn ${index}`));
    const replies = await sendBatch(slow, commands, tenantId);
    // They begin at 0, 300 and 600 ms; the fourth would at 900.
    expect([appends, clockMs]).toEqual([3, 900]);
    const accepted = replies.findIndex(({ kind }) => kind !== 'accepted');
    expect(accepted).toBeGreaterThan(0);
    for (const reply of replies.slice(accepted))
      expect(reply).toMatchObject({ kind: 'fault', code: 'TooManyRequests' });
    expect(balancesOf(await verified()).get(accountId)).toBe(100_00 + accepted * 100);
    // The writer goes on as if nothing had been, and what was not decided is decided then.
    const again = await sendBatch(slow, commands, tenantId);
    expect(again.slice(0, accepted)).toEqual(replies.slice(0, accepted));
    expect(new Set(again.map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    expect(balancesOf(await verified()).get(accountId)).toBe(100_00 + 1_000 * 100);
  });

  it('keeps every promise under any sequence of lost, late and failed appends', async () => {
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
    await bank(1);
    const taken = ledger.createCustomer(77, { tenantId, person: { email: 'member0@example.com' } });
    const submission = { tenantId, principal: ledger.principal(tenantId), dryRun: true };
    expect(await gateway.submit(taken, submission)).toMatchObject({ kind: 'violation', body: { error: 'EmailTaken' } });
    expect(await gateway.submit(ledger.createCustomer(78, { tenantId }), submission)).toMatchObject({
      kind: 'accepted',
    });
  });

  it('holds batches of the largest size, of text that no compression makes smaller, on one chain and across', async () => {
    const members = await bank(12);
    const from = at(members, 0);
    const to = members.find((member) => chainOfId(member.accountId) !== chainOfId(from.accountId));
    if (!to) throw new Error('Twelve members are on more than one chain');
    // Three bytes a character in UTF-8, and every one of them drawn afresh.
    let state = 1;
    const noise = (length: number) =>
      Array.from({ length }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return String.fromCodePoint(0x4e00 + (state % 20_000));
      }).join('');
    const tags = () => Object.fromEntries(Array.from({ length: 20 }, () => [noise(20), noise(240)]));
    const heavy = (account: string, id: string) =>
      post('GL_X', account, 0.01, id, { tags: tags(), narrative: noise(500) });
    const one = await sendBatch(
      gateway,
      Array.from({ length: 60 }, (_, index) => heavy(from.accountId, `heavy ${index}`)),
      tenantId,
    );
    const many = await sendBatch(
      gateway,
      Array.from({ length: 940 }, (_, index) => post('GL_X', from.accountId, 0.01, `light ${index}`)),
      tenantId,
    );
    const across = await sendBatch(
      gateway,
      Array.from({ length: 250 }, (_, index) =>
        post(from.accountId, to.accountId, 0.01, `across ${index}`, { tags: tags(), narrative: noise(500) }),
      ),
      tenantId,
    );
    expect([...one, ...many, ...across].filter((reply) => reply.kind !== 'accepted')).toEqual([]);
    const balances = balancesOf(await verified());
    expect([balances.get(from.accountId), balances.get(to.accountId)]).toEqual([100_00 + 1_000 - 250, 100_00 + 250]);
  });

  it('creates more customers in a batch than one transaction has room for claims', async () => {
    const members = await bank(300, 1);
    expect(new Set(members.map((member) => member.customerId)).size).toBe(300);
    await verified();
  });

  it('answers at once, not after the whole budget, when the journal can never take an append', async () => {
    const { accountId } = at(await bank(1), 0);
    let appends = 0;
    const refusing: Journal = {
      ...journal,
      append: () => {
        appends += 1;
        return Promise.reject(new JournalUnavailableError('never', { retryable: false }));
      },
    };
    const reply = await send(gatewayOn(refusing), post('GL_X', accountId, 1, 'never'));
    expect(reply).toMatchObject({ kind: 'fault', code: 'ServiceUnavailable' });
    expect(appends).toBe(1);
  });

  it('opens accounts on products as another process has just left them', async () => {
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
    const idOf = async () => {
      await bank(1);
      const customer = { ...ledger.createCustomer(50, { tenantId }), idempotencyKey: 'the same' };
      return entityOf(await send(gateway, customer)).slice('cust_00_'.length);
    };
    const mine = await idOf();
    sequence += 1;
    tenantId = `CU_${sequence}`;
    expect(await idOf()).not.toBe(mine);
  });

  it('opens loans by the criteria and keeps draws within the principal', async () => {
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
