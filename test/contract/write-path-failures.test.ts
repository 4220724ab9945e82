import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import { chainOfId } from '../../src/core/chain/name.ts';
import type { Reply } from '../../src/gateway/reply.ts';
import { type Journal, JournalUnavailableError } from '../../src/journal/port.ts';
import { type AppendFault, JOURNAL_ENGINES, type JournalEngine, withFaults } from '../support/journals.ts';
import * as ledger from '../support/ledger.ts';
import { at, openWritePath } from '../support/write-path.ts';

const { balancesOf, gatewayOn, send, sendBatch } = ledger;

describe.each(Object.keys(JOURNAL_ENGINES))('write path on %s', (name) => {
  let engine: JournalEngine;
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
  });
  afterAll(() => engine.stop());

  it('answers 503 when the journal does not, and a retry with the same key is safe', async () => {
    const { journal, gateway, bank, post, verified } = openWritePath(engine);
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
    const { journal, bank, post, verified } = openWritePath(engine);
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
    const { journal, bank, post, verified } = openWritePath(engine);
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
    const { journal, tenantId, bank, post, verified } = openWritePath(engine);
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

  it('tells commands to come again whose turn comes too late, on one chain and across, and decides none of them', async () => {
    const { journal, tenantId, bank, post, verified } = openWritePath(engine);
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
    // Only who was patient paid in, and who was ahead paid out.
    expect(balancesOf(await verified()).get(first)).toBe(10_000);
    expect(await submit(post('GL_SALARY', first, 1, 'late'), 0)).toMatchObject({ code: 'TooManyRequests' });
    expect(await submit(post('GL_SALARY', first, 1, 'late'), patience.long)).toMatchObject({ kind: 'accepted' });
    // Twice paid in, once paid out.
    expect(balancesOf(await verified()).get(first)).toBe(10_100);
  });

  it('gives all groups of a turn one time together, and does not decide those that would begin after it', async () => {
    const { journal, tenantId, bank, post, verified } = openWritePath(engine);
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

  it('holds batches of the largest size, of text that no compression makes smaller, on one chain and across', async () => {
    const { gateway, tenantId, bank, post, verified } = openWritePath(engine);
    const members = await bank(12);
    const from = at(members, 0);
    const to = members.find((member) => chainOfId(member.accountId) !== chainOfId(from.accountId));
    if (!to) throw new Error('Twelve members are on more than one chain');
    const heavy = heavyPosts(post);
    const one = await sendBatch(
      gateway,
      Array.from({ length: 60 }, (_, index) => heavy('GL_X', from.accountId, `heavy ${index}`)),
      tenantId,
    );
    const many = await sendBatch(
      gateway,
      Array.from({ length: 940 }, (_, index) => post('GL_X', from.accountId, 0.01, `light ${index}`)),
      tenantId,
    );
    const across = await sendBatch(
      gateway,
      Array.from({ length: 250 }, (_, index) => heavy(from.accountId, to.accountId, `across ${index}`)),
      tenantId,
    );
    expect([...one, ...many, ...across].filter((reply) => reply.kind !== 'accepted')).toEqual([]);
    const balances = balancesOf(await verified());
    expect([balances.get(from.accountId), balances.get(to.accountId)]).toEqual([100_00 + 1_000 - 250, 100_00 + 250]);
  });

  it('decides a batch in its order and answers each command for itself, where small ones follow one that has to wait', async () => {
    const { gateway, tenantId, bank, post, verified } = openWritePath(engine);
    const { accountId } = at(await bank(1), 0);
    const heavy = heavyPosts(post);
    const commands = Array.from({ length: 120 }, (_, index) =>
      index % 2 === 0 ? heavy('GL_X', accountId, `mixed ${index}`) : post('GL_X', accountId, 0.01, `mixed ${index}`),
    );
    const replies = await sendBatch(gateway, commands, tenantId);
    expect(replies).toHaveLength(commands.length);
    const ids = commands.map(({ commandId }) => commandId);
    expect(replies.map((reply) => reply.kind === 'accepted' && reply.body.commandId)).toEqual(ids);
    const posted = [...(await verified()).values()].flat().filter(({ type }) => type === 'EntryPosted');
    expect(posted.map(({ causationId }) => causationId).slice(-ids.length)).toEqual(ids);
  });

  it('creates more customers in a batch than one transaction has room for claims', async () => {
    const { bank, verified } = openWritePath(engine);
    const members = await bank(300, 1);
    expect(new Set(members.map((member) => member.customerId)).size).toBe(300);
    await verified();
  });

  it('answers at once, not after the whole budget, when the journal can never take an append', async () => {
    const { journal, bank, post } = openWritePath(engine);
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
});

/** Makes entries of a cent that no compression makes smaller, of 17 KB each. */
function heavyPosts(post: ReturnType<typeof openWritePath>['post']) {
  // Three bytes a character in UTF-8, and every one of them drawn afresh.
  let state = 1;
  const noise = (length: number) =>
    Array.from({ length }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCodePoint(0x4e00 + (state % 20_000));
    }).join('');
  const tags = () => Object.fromEntries(Array.from({ length: 20 }, () => [noise(20), noise(240)]));
  return (from: string, to: string, id: string) => post(from, to, 0.01, id, { tags: tags(), narrative: noise(500) });
}
