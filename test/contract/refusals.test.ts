import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import { VIOLATION_CODES, VIOLATIONS, type ViolationCode } from '../../src/contract/refusals.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Reply } from '../../src/gateway/reply.ts';
import { JOURNAL_ENGINES, type JournalEngine } from '../support/journals.ts';
import {
  ACTOR,
  command,
  createCustomer,
  createTenant,
  entityOf,
  gatewayOn,
  openAccount,
  openBank,
  principal,
  products,
  readVerified,
  move,
  send,
  sendBatch,
} from '../support/ledger.ts';

describe.each(Object.keys(JOURNAL_ENGINES))('refusals on %s', (name) => {
  let engine: JournalEngine;
  let gateway: Gateway;
  let ids: {
    customerId: string;
    accountId: string;
    otherAccountId: string;
    termId: string;
    saverId: string;
    closedId: string;
    richId: string;
  };
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    gateway = gatewayOn(engine.journal());
    const [first, second] = await openBank(gateway, { members: 2 });
    if (!first || !second) throw new Error('Two members expected');
    const { customerId } = first;
    const open = async (id: string, productCode: string, initialDeposit?: number) =>
      entityOf(
        await send(
          gateway,
          openAccount(customerId, { id, productCode, ...(initialDeposit !== undefined && { initialDeposit }) }),
        ),
      );
    const closedId = await open('closed', 'TXN', 10);
    entityOf(
      await send(gateway, move(closedId, first.accountId, 10, { id: 'close it', change: { closes: [closedId] } })),
    );
    const richId = await open('rich', 'TXN');
    entityOf(await send(gateway, move('GL_MINT', richId, 60_000_000_000_000, { id: 'make it rich' })));
    await sendBatch(gateway, [withdrawn()]).then((replies) => replies.forEach(entityOf));
    ids = {
      customerId,
      accountId: first.accountId,
      otherAccountId: second.accountId,
      termId: await open('term', 'TERM', 1_000),
      saverId: await open('saver', 'SAVER'),
      closedId,
      richId,
    };
  });
  afterAll(() => engine.stop());

  const withdrawn = () =>
    command(
      'UpsertProduct',
      { productCode: 'OLD', name: 'Old', productType: 'DEPOSIT', status: 'WITHDRAWN', interest: { rate: 0 } },
      { id: 'withdrawn' },
    );
  const product = (id: string, change: object) =>
    command(
      'UpsertProduct',
      { productCode: 'NEW', name: 'New', productType: 'DEPOSIT', interest: { rate: 0 }, ...change },
      { id },
    );
  const tenant = (id: string, change: object) =>
    command(
      'CreateTenant',
      {
        tenantCode: 'CU_FRESH',
        displayName: 'x',
        region: 'AU',
        baseCurrency: 'AUD',
        timeZone: 'Australia/Sydney',
        ...change,
      },
      { id, tenantId: 'CU_FRESH' },
    );
  const open = (id: string, productCode: string, more: object = {}) =>
    openAccount(ids.customerId, { id, productCode, ...more });

  /** One way to meet each refusal of the list: the table is checked to be complete. */
  const cases: Record<ViolationCode, () => CommandEnvelope> = {
    TenantExists: () => ({ ...createTenant(), commandId: '00000000-0000-4000-8000-000000000001' }),
    CurrencyUnsupported: () => tenant('currency', { baseCurrency: 'XXX' }),
    TimeZoneUnknown: () => tenant('zone', { timeZone: 'Australia/Atlantis' }),
    ProductTypeChanged: () => product('type', { productCode: 'TXN', productType: 'LOAN' }),
    RateNegative: () => product('rate', { interest: { bonusRate: -0.01 } }),
    ConstraintsInconsistent: () => product('min max', { constraints: { minBalance: 10, maxBalance: 5 } }),
    CustomerUnderAge: () => createCustomer(901, { person: { dateOfBirth: '2007-01-02' } }),
    EmailTaken: () => createCustomer(902, { person: { email: 'MEMBER0@example.com' } }),
    MobileTaken: () => createCustomer(903, { person: { mobile: '+61255500000' } }),
    ExternalRefTaken: () => createCustomer(0, { person: { email: 'other@example.com', mobile: '+61255500904' } }),
    CustomerUnknown: () => openAccount('cust_123456', { id: 'nobody' }),
    AccountLimitReached: () => openAccount(crowded, { id: 'one too many' }),
    ProductUnknown: () => open('no product', 'NONE'),
    ProductWithdrawn: () => open('old', 'OLD'),
    InitialDepositTooLow: () => open('low', 'TERM', { initialDeposit: 999.99 }),
    InitialDepositOnLoan: () => open('deposit on loan', 'LOAN', { initialDeposit: 1, loan: { principal: 5_000 } }),
    LoanTermsOnDeposit: () => open('loan on deposit', 'TXN', { loan: { principal: 5_000 } }),
    LoanAmountOutOfRange: () => open('amount', 'LOAN', { loan: { principal: 50_000.01 } }),
    LoanTermNotOffered: () => open('months', 'LOAN', { loan: { principal: 5_000, termMonths: 13 } }),
    IncomeTooLow: () => openAccount(poor.income, { id: 'poor', productCode: 'LOAN' }),
    CreditScoreTooLow: () => openAccount(poor.score, { id: 'score', productCode: 'LOAN' }),
    DebtToIncomeTooHigh: () => open('debt', 'LOAN', { loan: { principal: 50_000 } }),
    CurrencyMismatch: () => open('dollars', 'TXN', { currency: 'USD' }),
    EntryUnbalanced: () =>
      move('GL_X', ids.accountId, 1, {
        id: 'unbalanced',
        change: {
          legs: [
            { accountId: 'GL_X', direction: 'CREDIT', amount: 1 },
            { accountId: ids.accountId, direction: 'DEBIT', amount: 1.01 },
          ],
        },
      }),
    ValueDateBeforeBooking: () => move('GL_X', ids.accountId, 1, { id: 'dated', change: { valueDate: '2025-01-02' } }),
    AccountUnknown: () => move('GL_X', 'ACC_123_TXN', 1, { id: 'unknown' }),
    AccountClosed: () => move('GL_X', ids.closedId, 1, { id: 'into closed' }),
    TermNotMatured: () => move(ids.termId, ids.accountId, 1, { id: 'early' }),
    InsufficientFunds: () => move(ids.accountId, 'GL_X', 1_000, { id: 'overdrawn' }),
    MaximumBalanceExceeded: () => move('GL_X', ids.saverId, 5_000.01, { id: 'too full' }),
    BalanceOutOfRange: () => move('GL_OTHER', ids.richId, 60_000_000_000_000, { id: 'too rich' }),
    ClosingBalanceNotZero: () =>
      move(ids.accountId, 'GL_X', 1, { id: 'not zero', change: { closes: [ids.accountId] } }),
  };
  let poor: { income: string; score: string };
  let crowded: string;
  beforeAll(async () => {
    crowded = entityOf(await send(gateway, createCustomer(912)));
    const accounts = Array.from({ length: 1_000 }, (_, index) => openAccount(crowded, { id: `crowd ${index}` }));
    await sendBatch(gateway, accounts).then((replies) => replies.forEach(entityOf));
    const [income, score] = await sendBatch(gateway, [
      createCustomer(910, { income: 29_999.99 }),
      createCustomer(911, { score: 599 }),
    ]);
    poor = { income: entityOf(income), score: entityOf(score) };
  });

  it.each(VIOLATION_CODES)('%s: named, recorded without personal data, without effect, and repeated', async (code) => {
    const envelope = cases[code]();
    const journal = engine.journal();
    const before = await readVerified(journal, envelope.tenantId);
    const reply = await send(gateway, envelope);
    expect(reply).toMatchObject({
      kind: 'violation',
      body: {
        commandId: envelope.commandId,
        error: code,
        invariant: VIOLATIONS[code].invariant,
        message: VIOLATIONS[code].text,
      },
    });
    const after = await readVerified(journal, envelope.tenantId);
    const fresh = [...after].flatMap(([chain, events]) => events.slice(before.get(chain)?.length));
    expect(fresh.map((event) => event.type)).toEqual(['CommandRefused']);
    expect(JSON.stringify(fresh)).not.toMatch(/@example|Jane|1988|2007|\+612/);
    expect(await send(gatewayOn(engine.journal()), envelope)).toEqual(reply);
    expect(await readVerified(journal, envelope.tenantId)).toEqual(after);
  });

  it('lets a term deposit be taken back whole, naming the command that opened it, and be drawn on once it has matured', async () => {
    const opening = open('reversible', 'TERM', { initialDeposit: 1_500 });
    const termId = entityOf(await send(gateway, opening));
    const back = (id: string, amount: number, reverses: string, to = 'GL_OPENING_DEPOSITS') =>
      send(gateway, move(termId, to, amount, { id, change: { metadata: { reverses } } }));
    expect(await back('another command', 1_500, '00000000-0000-4000-8000-000000000002')).toMatchObject({
      body: { error: 'TermNotMatured' },
    });
    expect(await back('in part', 1_000, opening.commandId)).toMatchObject({ body: { error: 'TermNotMatured' } });
    expect(await back('to a member', 1_500, opening.commandId, ids.accountId)).toMatchObject({
      body: { error: 'TermNotMatured' },
    });
    expect((await back('whole', 1_500, opening.commandId)).kind).toBe('accepted');
    const matured = entityOf(await send(gateway, open('matured', 'TERM', { initialDeposit: 1_500 })));
    const late = (bookingDate: string, valueDate: string) =>
      send(
        gateway,
        move(matured, ids.accountId, 500, {
          id: `late ${bookingDate} ${valueDate}`,
          change: { bookingDate, valueDate },
        }),
      );
    expect(await late('2025-06-30', '2099-01-01')).toMatchObject({ body: { error: 'TermNotMatured' } });
    expect((await late('2025-07-01', '2025-07-01')).kind).toBe('accepted');
  });

  it.each<[string, (envelope: CommandEnvelope) => unknown, string]>([
    ['an unknown field', (envelope) => ({ ...envelope, extra: 1 }), 'extra'],
    [
      'an unknown field in the payload',
      (envelope) => ({ ...envelope, payload: { ...envelope.payload, bonus: true } }),
      'payload.bonus',
    ],
    ['an unknown command', (envelope) => ({ ...envelope, commandType: 'DeleteEverything' }), 'commandType'],
    ['an amount of too many decimals', (envelope) => withAmount(envelope, 1.005), 'payload.legs[0].amount'],
    ['an amount of 2^53 minor units', (envelope) => withAmount(envelope, 2 ** 53 / 100), 'payload.legs[0].amount'],
    ['an amount of zero', (envelope) => withAmount(envelope, 0), 'payload.legs[0].amount'],
    ['a negative amount', (envelope) => withAmount(envelope, -1), 'payload.legs[0].amount'],
    ['an amount as text', (envelope) => withAmount(envelope, '1'), 'payload.legs[0].amount'],
    ['no legs', (envelope) => ({ ...envelope, payload: { ...envelope.payload, legs: [] } }), 'payload.legs'],
    [
      'a date that does not exist',
      (envelope) => ({ ...envelope, payload: { ...envelope.payload, bookingDate: '2025-02-30' } }),
      'payload.bookingDate',
    ],
    [
      'a control character',
      (envelope) => ({ ...envelope, payload: { ...envelope.payload, narrative: 'a\u0000b' } }),
      'payload.narrative',
    ],
    [
      'a bidirectional override',
      (envelope) => ({ ...envelope, payload: { ...envelope.payload, narrative: 'a\u202eb' } }),
      'payload.narrative',
    ],
    ['half a character', (envelope) => ({ ...envelope, idempotencyKey: 'a\ud800' }), 'idempotencyKey'],
    [
      'a timestamp that goes on and on',
      (envelope) => ({ ...envelope, timestamp: `2025-01-01T00:00:00.${'0'.repeat(30)}Z` }),
      'timestamp',
    ],
    [
      'too many tags',
      (envelope) => ({
        ...envelope,
        payload: {
          ...envelope.payload,
          tags: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`t${index}`, ''])),
        },
      }),
      'payload.tags',
    ],
    [
      'metadata nested beyond measure',
      (envelope) => ({
        ...envelope,
        payload: { ...envelope.payload, metadata: JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) },
      }),
      'payload.metadata',
    ],
    [
      'a prototype key',
      (envelope) => JSON.parse(JSON.stringify(envelope).replace('"payload":{', '"payload":{"__proto__":{"x":1},')),
      'payload.__proto__',
    ],
    ['no object at all', () => null, ''],
  ])('refuses %s as a ValidationError, naming where, and writes nothing', async (_, change, path) => {
    const before = await readVerified(engine.journal());
    const envelope = move('GL_X', ids.accountId, 1, { id: 'to be spoilt' });
    const reply = await gateway.submit(change(envelope), { tenantId: 'CU_TEST', principal: principal('CU_TEST') });
    expect(reply).toMatchObject({ kind: 'fault', code: 'ValidationError' });
    expect((reply as Extract<Reply, { kind: 'fault' }>).details?.['faults']).toEqual(
      expect.arrayContaining([expect.objectContaining({ path })]),
    );
    expect(await readVerified(engine.journal())).toEqual(before);
  });

  it('names every fault of a payload at once', async () => {
    const envelope = createCustomer(920, {
      person: { email: 'nope', mobile: '0400', dateOfBirth: '1988-13-01', firstName: '' },
    });
    const reply = await gateway.submit(envelope, { tenantId: 'CU_TEST', principal: principal('CU_TEST') });
    const faults = (reply as Extract<Reply, { kind: 'fault' }>).details?.['faults'] as { path: string }[];
    expect(faults.map((each) => each.path).sort()).toEqual([
      'payload.person.dateOfBirth',
      'payload.person.email',
      'payload.person.firstName',
      'payload.person.mobile',
    ]);
  });

  it('refuses who may not: another tenant, a missing right, another actor; and an unknown tenant', async () => {
    const envelope = move('GL_X', ids.accountId, 1, { id: 'not allowed' });
    const as = (who: Partial<ReturnType<typeof principal>>) =>
      gateway.submit(envelope, { tenantId: 'CU_TEST', principal: { ...principal('CU_TEST'), ...who } });
    expect(await as({ tenants: new Set(['CU_TES', 'CU_TEST2']) })).toMatchObject({ code: 'Forbidden' });
    expect(await as({ rights: new Set(['queries', 'platform:tenants', 'commands:OpenAccount']) })).toMatchObject({
      code: 'Forbidden',
    });
    expect(await as({ subject: `${ACTOR}2` })).toMatchObject({ code: 'Forbidden' });
    expect(await send(gateway, { ...products('CU_NOWHERE')[0] } as CommandEnvelope)).toMatchObject({
      code: 'NotFound',
    });
  });

  it('says 429 when too many commands wait', async () => {
    const busy = gatewayOn(engine.journal(), { maxWaiting: 10 });
    const replies = await sendBatch(
      busy,
      Array.from({ length: 11 }, (_, index) => move('GL_X', ids.accountId, 1, { id: `busy ${index}` })),
    );
    expect(new Set(replies.map((reply) => (reply.kind === 'fault' ? reply.code : reply.kind)))).toEqual(
      new Set(['TooManyRequests']),
    );
  });
});

function withAmount(envelope: CommandEnvelope, amount: unknown): unknown {
  return JSON.parse(JSON.stringify(envelope).replace('"amount":1', `"amount":${JSON.stringify(amount)}`));
}
