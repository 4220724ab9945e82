import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { VIOLATIONS, type ViolationCode } from '../../src/contract/refusals.ts';
import { createCustomer, createTenant, move, openAccount, products } from '../support/ledger.ts';
import { type Bench, COMMANDS, refusalOf, startBench } from './support/bench.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
const entry = (id: string) => JSON.stringify(move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id }));

describe('a body', () => {
  it.each<[string, () => string | Uint8Array, Record<string, string>]>([
    ['that is empty', () => '', { 'content-type': 'application/json' }],
    ['of blanks', () => ' \n ', { 'content-type': 'application/json' }],
    ['that breaks off', () => entry('broken').slice(0, -3), { 'content-type': 'application/json' }],
    ['of two documents', () => `${entry('two')}${entry('two')}`, { 'content-type': 'application/json' }],
    ['that is no object', () => '"text"', { 'content-type': 'application/json' }],
    ['null', () => 'null', { 'content-type': 'application/json' }],
    ['with NaN', () => entry('nan').replace('"amount":1', '"amount":NaN'), { 'content-type': 'application/json' }],
    [
      'of bytes that are no text',
      () => new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
      { 'content-type': 'application/json' },
    ],
    ['nested beyond measure', () => '['.repeat(100_000), { 'content-type': 'application/json' }],
    ['of the content type text/plain', () => entry('plain'), { 'content-type': 'text/plain' }],
    ['of a form', () => entry('form'), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['without a content type', () => entry('none'), {}],
    ['of a type that only begins like JSON', () => entry('like'), { 'content-type': 'application/json-seq' }],
  ])('%s is refused with 400, and nothing is written', async (_, body, headers) => {
    const before = await bench.journal();
    for (const path of [COMMANDS, `${COMMANDS}/batch`]) {
      const answer = await bench.send({ method: 'POST', path, body: body(), headers });
      expect(refusalOf(answer)).toEqual([400, 'ValidationError']);
      expect(JSON.parse(answer.text)).toMatchObject({
        details: { faults: [expect.objectContaining({ message: expect.any(String) as string })] },
      });
    }
    expect(await bench.journal()).toEqual(before);
  });

  it.each(['Application/JSON; charset=UTF-8', 'application/json; charset=utf8', 'application/json;charset="UTF8"'])(
    'may name its character set: %s',
    async (contentType) => {
      const { status } = await bench.post(entry(`charset ${contentType}`), { 'content-type': contentType });
      expect(status).toBe(202);
    },
  );

  it('names every fault with its path', async () => {
    const command = { ...move('GL_SALARY', '', -1, { id: 'faulty' }), timestamp: 'yesterday', more: 1 };
    const answer = await bench.post(JSON.stringify(command));
    const { details } = JSON.parse(answer.text) as { details: { faults: { path: string }[] } };
    expect(details.faults.map((fault) => fault.path).sort()).toEqual([
      'more',
      'payload.legs[0].amount',
      'payload.legs[1].accountId',
      'payload.legs[1].amount',
      'timestamp',
    ]);
  });

  it('of another tenant than the path’s is refused with 400', async () => {
    expect(
      refusalOf(await bench.post(JSON.stringify(move('GL_A', 'GL_B', 1, { id: 'elsewhere', tenantId: 'CU_FRESH' })))),
    ).toEqual([400, 'ValidationError']);
  });

  it.each([
    [COMMANDS, LIMITS.commandBytes],
    [`${COMMANDS}/batch`, LIMITS.batchBytes],
  ])('for %s beyond its limit is refused with 413, whatever it holds', async (path, limitBytes) => {
    const before = await bench.journal();
    const headers = { 'content-type': 'application/json' };
    const padded = (bytes: number) => `{"x":"${'x'.repeat(bytes - 8)}"}`;
    expect((await bench.send({ method: 'POST', path, headers, body: padded(limitBytes) })).status).toBe(400);
    for (const bytes of [limitBytes + 1, 7 * 1024 * 1024, 11 * 1024 * 1024]) {
      const answer = await bench.send({ method: 'POST', path, headers, body: padded(bytes) });
      expect(refusalOf(answer)).toEqual([413, 'PayloadTooLarge']);
    }
    // Characters of three bytes: the limit is one of bytes.
    expect(
      (await bench.send({ method: 'POST', path, headers, body: `"${'€'.repeat(limitBytes / 3 + 1)}"` })).status,
    ).toBe(413);
    expect(await bench.journal()).toEqual(before);
  });
});

describe('a rule of the ledger', () => {
  const fresh = (change: object) => ({
    ...createTenant('CU_FRESH'),
    payload: { ...createTenant('CU_FRESH').payload, ...change },
    commandId: crypto.randomUUID(),
  });
  const product = (change: object) => ({
    ...products()[0],
    payload: { ...products()[0]?.payload, ...change },
    commandId: crypto.randomUUID(),
  });
  const open = (options: Partial<Parameters<typeof openAccount>[1]>) =>
    openAccount(bench.values['customerId'] ?? '', { id: crypto.randomUUID(), ...options });
  const post$ = (change: object, from = 'GL_SALARY', to = bench.values['accountId'] ?? '') =>
    move(from, to, 1, { id: crypto.randomUUID(), change });

  /** One command for each way in which a client can get it wrong; every rule on every engine is tested below HTTP. */
  const cases: [ViolationCode, () => object][] = [
    ['TenantExists', () => ({ ...createTenant(), commandId: crypto.randomUUID() })],
    ['CurrencyUnsupported', () => fresh({ baseCurrency: 'XXX' })],
    ['TimeZoneUnknown', () => fresh({ timeZone: 'Mars/Olympus' })],
    ['ProductTypeChanged', () => product({ productType: 'LOAN' })],
    ['RateNegative', () => product({ interest: { rate: -0.01 } })],
    ['ConstraintsInconsistent', () => product({ constraints: { minBalance: 2, maxBalance: 1 } })],
    ['CustomerUnderAge', () => createCustomer(700, { person: { dateOfBirth: '2020-01-01' } })],
    ['EmailTaken', () => createCustomer(701, { person: { email: 'Member0@Example.com' } })],
    ['MobileTaken', () => createCustomer(702, { person: { mobile: '+61255500000' } })],
    ['ExternalRefTaken', () => createCustomer(0, { person: { email: 'new@example.com', mobile: '+61255500777' } })],
    ['CustomerUnknown', () => openAccount('cust_07_00000000000000000000', { id: crypto.randomUUID() })],
    ['ProductUnknown', () => open({ productCode: 'NONE' })],
    ['InitialDepositTooLow', () => open({ productCode: 'TERM', initialDeposit: 1 })],
    ['LoanAmountOutOfRange', () => open({ productCode: 'LOAN', loan: { principal: 1 } })],
    ['LoanTermNotOffered', () => open({ productCode: 'LOAN', loan: { termMonths: 7 } })],
    ['DebtToIncomeTooHigh', () => open({ productCode: 'LOAN', loan: { principal: 50_000 } })],
    ['CurrencyMismatch', () => post$({ currency: 'USD' })],
    [
      'EntryUnbalanced',
      () =>
        post$({
          legs: [
            { accountId: 'GL_A', direction: 'DEBIT', amount: 1 },
            { accountId: 'GL_B', direction: 'CREDIT', amount: 2 },
          ],
        }),
    ],
    ['ValueDateBeforeBooking', () => post$({ valueDate: '2025-01-02' })],
    ['AccountUnknown', () => post$({}, 'GL_SALARY', 'ACC_123_TXN')],
    ['InsufficientFunds', () => move(bench.values['accountId'] ?? '', 'GL_X', 10_000, { id: crypto.randomUUID() })],
    ['ClosingBalanceNotZero', () => post$({ closes: [bench.values['accountId'] ?? ''] })],
  ];

  it.each(cases)('%s is refused with 422, and with its invariant, code, message and details', async (code, command) => {
    const body = command() as { tenantId: string; commandId: string };
    const answer = await bench.send({
      method: 'POST',
      path: `/v1/tenants/${body.tenantId}/commands`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toMatchObject({
      commandId: body.commandId,
      error: code,
      invariant: VIOLATIONS[code].invariant,
      message: VIOLATIONS[code].text,
      details: {},
    });
  });

  it.each<[string, number]>([
    ['too many decimals', 0.001],
    ['2^53 minor units', 2 ** 53 / 100],
    ['beyond any amount', 1e308],
  ])('an amount of %s is a ValidationError', async (_, amount) => {
    expect(
      refusalOf(await bench.post(JSON.stringify(move('GL_A', 'GL_B', amount, { id: `amount ${amount}` })))),
    ).toEqual([400, 'ValidationError']);
  });

  // Days before the year 1 and after 9999 have no text that compares with others: ages and maturities would be wrong.
  it.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '1899-12-31T23:59:59Z',
    '3000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:59',
  ])('a command of %s is a ValidationError', async (timestamp) => {
    const term = openAccount(bench.values['customerId'] ?? '', {
      id: timestamp,
      productCode: 'TERM',
      initialDeposit: 2_000,
    });
    expect(refusalOf(await bench.post(JSON.stringify({ ...term, timestamp })))).toEqual([400, 'ValidationError']);
  });

  it('IdempotencyKeyReused is refused with 409, and the first command stands', async () => {
    const command = move('GL_SALARY', bench.values['accountId'] ?? '', 2, { id: 'first', key: 'shared' });
    const first = await bench.post(JSON.stringify(command));
    expect(first.status).toBe(202);
    const before = await bench.journal();
    const other = move('GL_SALARY', bench.values['accountId'] ?? '', 3, { id: 'second', key: 'shared' });
    expect(refusalOf(await bench.post(JSON.stringify(other)))).toEqual([409, 'IdempotencyKeyReused']);
    expect(await bench.journal()).toEqual(before);
    expect((await bench.post(JSON.stringify(command))).text).toBe(first.text);
  });
});
