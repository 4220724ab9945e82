import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import { docsRoutes, type Route } from '../../../src/contract/routes.ts';
import { loadAssembly } from '../../../src/local/template/assembly.ts';
import type { LedgerClient } from '../../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../../support/cloud.ts';
import { makeDigest } from '../../support/digests.ts';
import { createCustomer, createTenant, move, openAccount, products } from '../../support/ledger.ts';
import { openBank } from '../support/bank.ts';
import { refusalOf } from '../support/bench.ts';
import { type Crossing, crossingsOf, type Values } from '../support/crossings.ts';
import { ALL_ROUTES } from '../support/paths.ts';
import { submit } from '../support/submit.ts';

/** The one’s code begins with the other’s, so that what compares beginnings is found. */
const US = 'CU_A';
const THEM = 'CU_AB';
/** Stands in everything of theirs that is told anywhere. */
const SECRET = 'Zzyzx';

let cloud: TestCloud;
let ours: Values;
let theirs: Values;
let headers: Record<string, string>;

beforeAll(async () => {
  cloud = await startTestCloud();
  [ours, theirs] = [await openTenant(US, 'Ours'), await openTenant(THEM, SECRET)];
  headers = {
    authorization: `Bearer ${await cloud.token({ tenants: [US] })}`,
    'content-type': 'application/json',
  };
  await cloud.cloud.settled();
});
afterAll(() => cloud.stop());

/** A tenant with a customer, an account, an entry and digests, of one more than the tenant before. */
async function openTenant(tenantId: string, name: string): Promise<Values> {
  const ledger = cloud.ledger({ tenants: [tenantId] });
  await openBank(ledger, { tenantId, members: 1 });
  const person = { firstName: name, lastName: name, email: `${name}@example.com` };
  const { entityId: customerId } = await submit(ledger, createCustomer(90, { tenantId, person }));
  const { entityId: accountId } = await submit(
    ledger,
    openAccount(customerId, { id: name, initialDeposit: 100, tenantId }),
  );
  const entry = move('GL_SALARY', accountId, 77, { id: name, tenantId, key: name, change: { narrative: name } });
  const { entityId: entryId } = await submit(ledger, entry);
  let { number } = await makeDigest(cloud.cloud, tenantId);
  if (tenantId === THEM) {
    await submit(ledger, move('GL_SALARY', accountId, 1, { id: `${name} again`, tenantId }));
    ({ number } = await makeDigest(cloud.cloud, tenantId));
  }
  return { tenantId, customerId, accountId, entryId, chain: accountId.slice(4, 6), number: String(number) };
}

const crossings = (routes: readonly Route[] = ALL_ROUTES) => crossingsOf(routes, ours, theirs);
const send = (crossing: Pick<Crossing, 'route' | 'path'>, body?: unknown) =>
  cloud.send({
    method: crossing.route.method,
    path: crossing.path,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

describe('the routes that are crossed', () => {
  it('are all that are deployed behind an authorizer; no other is open but the documentation', () => {
    const { template } = loadAssembly(inject('assemblyDir'));
    const deployed = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route');
    const keysOf = (isGuarded: boolean) =>
      deployed
        .filter(
          ({ Properties: { AuthorizationType, AuthorizerId } = {} }) =>
            isGuarded === (AuthorizationType === 'JWT' && AuthorizerId !== undefined),
        )
        .map(({ Properties }) => String(Properties?.['RouteKey']));
    const crossed = crossings().map(({ route }) => `${route.method} /v1${route.path}`);
    expect(new Set(keysOf(true))).toEqual(new Set(crossed));
    expect(new Set(keysOf(false))).toEqual(new Set(docsRoutes.map(({ method, path }) => `${method} ${path}`)));
  });

  it('name a tenant first, so that the one who asks can be held to it', () => {
    for (const route of ALL_ROUTES) expect(route.path).toMatch(/^\/tenants\/\{tenantId\}\//);
  });

  it('gain a new one by itself, and ask for an id of each tenant where it has a new parameter', () => {
    const model = ALL_ROUTES.find((route) => route.handler === 'query');
    if (!model) throw new Error('There is no query');
    const invented = {
      ...model,
      path: '/tenants/{tenantId}/loans/{loanId}',
      params: model.params.extend({ loanId: z.string() }),
    };
    expect(() => crossings([...ALL_ROUTES, invented])).toThrow('Cannot cross "loanId"');
    const withIds = crossingsOf([invented], { ...ours, loanId: 'a' }, { ...theirs, loanId: 'b' });
    expect(withIds.map(({ path, status }) => [path, status])).toEqual([
      [`/v1/tenants/${THEM}/loans/b`, 403],
      [`/v1/tenants/${THEM}/loans/a`, 403],
      ['/v1/tenants/CU_NOWHERE/loans/a', 403],
      [`/v1/tenants/${US}/loans/b`, 404],
    ]);
  });
});

describe('a token of ours', () => {
  it('is refused all of theirs by every query, and no answer tells that it is there', async () => {
    const asked = crossings().filter(({ route }) => route.handler === 'query');
    expect(asked.length).toBeGreaterThan(30);
    for (const crossing of asked) {
      const answer = await send(crossing);
      expect([crossing.path, answer.status]).toEqual([crossing.path, crossing.status ?? 200]);
      expect(withoutSent(answer.text, crossing.path)).not.toMatch(new RegExp(`${SECRET}|${THEM}`, 'i'));
    }
  });

  it('is told the same of what is theirs as of what is nobody’s', async () => {
    const nobodys: Values = {
      tenantId: 'CU_ZZ',
      customerId: theirs['customerId']?.replace(/.{4}$/, '0000') ?? '',
      accountId: theirs['accountId']?.replace(/.{4}$/, '0000') ?? '',
      entryId: theirs['entryId']?.replace(/.{4}$/, '0000') ?? '',
      chain: theirs['chain'] ?? '',
      number: '3',
    };
    const queries = ALL_ROUTES.filter((route) => route.handler === 'query');
    const [there, nowhere] = [crossingsOf(queries, ours, theirs), crossingsOf(queries, ours, nobodys)];
    /** What a refusal says, but for the ids that it was asked for, which stand in it between quotes. */
    const told = async (crossing: Crossing, values: Values) => {
      const { status, text } = await send(crossing);
      return {
        status,
        text: Object.values(values).reduce((left, value) => left.replaceAll(`"${value}\\"`, '…'), text),
      };
    };
    for (const [index, crossing] of there.entries())
      expect([crossing.name, await told(crossing, theirs)]).toEqual([
        crossing.name,
        await told(nowhere[index]!, nobodys),
      ]);
  });
});

describe('a command of ours', () => {
  const heads = async () => {
    const ledger: LedgerClient = cloud.ledger({ tenants: [THEM] });
    return (await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId: THEM } } })).data?.chains;
  };
  const legs = (from: string, to: string) => move(from, to, 5, { id: `${from} ${to}`, tenantId: US });
  const oneOfEach = (tenantId: string): CommandEnvelope[] => [
    { ...createTenant(tenantId), commandId: crypto.randomUUID() },
    ...products(tenantId).slice(0, 1),
    createCustomer(91, { tenantId }),
    openAccount(theirs['customerId'] ?? '', { id: 'theirs', tenantId }),
    move('GL_SALARY', theirs['accountId'] ?? '', 5, { id: 'theirs', tenantId }),
  ];
  const there = () => theirs['accountId'] ?? '';
  const here = () => ours['accountId'] ?? '';

  /** What is sent, by which tenant's door, and how it is refused. */
  const CASES: [string, string, () => CommandEnvelope[], [number, string]][] = [
    ['for them, by their door', THEM, () => oneOfEach(THEM), [403, 'Forbidden']],
    ['for them, by our door', US, () => oneOfEach(THEM), [400, 'ValidationError']],
    ['for us, by their door', THEM, () => oneOfEach(US), [400, 'ValidationError']],
    ['into their account', US, () => [legs(here(), there())], [422, 'AccountUnknown']],
    ['out of their account', US, () => [legs(there(), here())], [422, 'AccountUnknown']],
    ['out of their account into the ledger', US, () => [legs(there(), 'GL_CASH')], [422, 'AccountUnknown']],
    ['from their account to itself', US, () => [legs(there(), there())], [422, 'AccountUnknown']],
    [
      'that closes their account',
      US,
      () => [move('GL_A', 'GL_B', 1, { id: 'closes', tenantId: US, change: { closes: [there()] } })],
      [422, 'ClosingBalanceNotZero'],
    ],
    [
      'that opens an account for their customer',
      US,
      () => [openAccount(theirs['customerId'] ?? '', { id: 'for theirs', tenantId: US })],
      [422, 'CustomerUnknown'],
    ],
  ];

  it.each(CASES)(
    '%s: refused, alone and in a batch, and nothing of theirs moves',
    async (_, door, commands, refusal) => {
      const before = await heads();
      for (const route of ALL_ROUTES.filter((each) => each.handler === 'command')) {
        const path = `/v1${route.path.replace('{tenantId}', door)}`;
        for (const command of commands()) {
          // A key of its own for each: a refusal that was recorded would be told again.
          const sent = { ...command, commandId: crypto.randomUUID() };
          const answer = await send({ route, path }, route.id === 'submitCommandBatch' ? { commands: [sent] } : sent);
          expect([command.commandType, ...refusalOf(answer)]).toEqual([command.commandType, ...refusal]);
          expect(answer.text).not.toContain(SECRET);
        }
      }
      expect(await heads()).toEqual(before);
    },
  );

  it('with a key that they have used is ours alone: keys are remembered for each tenant', async () => {
    const before = await heads();
    const command = move('GL_SALARY', here(), 1, { id: 'same key', tenantId: US, key: SECRET });
    const answer = await submit(cloud.ledger({ tenants: [US] }), command);
    expect(answer.entityId).not.toBe(theirs['entryId']);
    expect(await heads()).toEqual(before);
  });
});

/** An answer without the ids of theirs that it was asked for, which it may repeat. */
function withoutSent(text: string, path: string): string {
  const sent = Object.values(theirs).filter((value) => path.split(/[/?=&]/).includes(value));
  return sent.reduce((left, value) => left.replaceAll(value, ''), text);
}
