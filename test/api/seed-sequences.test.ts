import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { ACTOR, uuidOf } from '../support/ledger.ts';
import { submit } from './support/submit.ts';

/** The payloads of the specification, as they stand there. */
const examples = JSON.parse(readFileSync(new URL('../fixtures/contract-payloads.json', import.meta.url), 'utf8')) as {
  commandType: string;
  payload: Record<string, unknown>;
}[];
const [tenant, transaction, savings, loan, customer, account, salary, spend, transfer] = examples.map(
  (each) => each.payload,
);
/** The specification names it without giving its payload. */
const term = {
  productCode: 'TERM_6M',
  name: 'Term Deposit 6 Months',
  productType: 'TERM_DEPOSIT',
  interest: { rate: 0.042 },
  constraints: { minBalance: 1000, termMonthsDefault: 6 },
};

const tenantId = 'CU_DIGITAL';
const path = { tenantId };
const MEMBERS = 12;

let cloud: TestCloud;
let ledger: LedgerClient;

function command(commandType: string, payload: unknown, id: string): CommandEnvelope {
  // The payloads come from the specification; whether they have the form of their type is what is tested.
  return {
    commandId: uuidOf(id),
    tenantId,
    commandType,
    actor: { actorType: 'SYSTEM', actorId: ACTOR },
    timestamp: '2025-01-01T00:00:00Z',
    payload,
    idempotencyKey: `sequence ${id}`,
  } as CommandEnvelope;
}

async function eventsOf(
  commandType: string,
  payload: unknown,
  id: string,
): Promise<{ entityId: string; types: string[] }> {
  const { entityId, events } = await submit(ledger, command(commandType, payload, id));
  return { entityId, types: events.map((event) => event.eventType) };
}

/** The payload with real account ids in the places of the specification's. */
function onAccounts(payload: unknown, ids: Record<string, string>): unknown {
  return JSON.parse(JSON.stringify(payload).replaceAll(/ACC_123_(TXN|SAVINGS)/g, (_, kind: string) => ids[kind] ?? ''));
}

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger({ tenants: [tenantId] });
});
afterAll(() => cloud.stop());

describe('the example sequences of the specification', () => {
  const members: { customerId: string; TXN: string; SAVINGS: string }[] = [];

  it('4.1 bootstraps a tenant and its products', async () => {
    expect(await eventsOf('CreateTenant', tenant, 'tenant')).toEqual({ entityId: tenantId, types: ['TenantCreated'] });
    for (const product of [transaction, savings, term, loan]) {
      const productCode = String(product?.['productCode']);
      expect(await eventsOf('UpsertProduct', product, productCode)).toEqual({
        entityId: productCode,
        types: ['ProductCreated'],
      });
    }
    expect(await eventsOf('UpsertProduct', { ...transaction, name: 'Renamed' }, 'again')).toEqual({
      entityId: 'TXN_ACCOUNT_BASIC',
      types: ['ProductUpdated'],
    });
  });

  it('4.2 seeds customers and accounts', async () => {
    const funds = ['FundsPosted', 'AccountBalanceUpdated', 'AccountBalanceUpdated'];
    for (let number = 0; number < MEMBERS; number += 1) {
      const person = {
        ...(customer?.['person'] as object),
        ...(number > 0 && { email: `member${number}@example.com`, mobile: `+614915700${10 + number}` }),
      };
      const created = await eventsOf(
        'CreateCustomer',
        { ...customer, externalRef: `CUST-${123 + number}`, person },
        `customer ${number}`,
      );
      expect(created.types).toEqual(['CustomerCreated']);
      const customerId = created.entityId;
      const openings = [
        { payload: { ...account, customerId }, types: ['AccountOpened', ...funds] },
        {
          payload: { ...account, customerId, productCode: 'SAVINGS_STANDARD', accountPurpose: 'SAVINGS' },
          types: ['AccountOpened', ...funds],
        },
        {
          payload: { ...account, customerId, productCode: 'TERM_6M', initialDeposit: 5000 },
          types: ['AccountOpened', ...funds],
        },
        {
          payload: {
            customerId,
            productCode: 'PL_CLASSIC',
            currency: 'AUD',
            loan: { principal: 10_000, termMonths: 36 },
          },
          types: ['AccountOpened', 'LoanFacilityCreated'],
        },
      ];
      const ids: string[] = [];
      for (const [index, { payload, types }] of openings.entries()) {
        const opened = await eventsOf('OpenAccount', payload, `account ${number} ${index}`);
        expect(opened.types).toEqual(types);
        ids.push(opened.entityId);
      }
      members.push({ customerId, TXN: ids[0] ?? '', SAVINGS: ids[1] ?? '' });
    }
  });

  it('4.3 simulates salaries, purchases and transfers', async () => {
    expect(members).toHaveLength(MEMBERS);
    for (const [number, ids] of members.entries()) {
      for (const [payload, id, accounts] of [
        [salary, 'salary', 2],
        [spend, 'spend', 2],
        [transfer, 'transfer', 2],
      ] as const) {
        const { types } = await eventsOf('PostEntry', onAccounts(payload, ids), `${id} ${number}`);
        expect(types).toEqual(['EntryPosted', ...Array.from({ length: accounts }, () => 'AccountBalanceUpdated')]);
      }
    }
  });

  it('4.4 inspects customers, accounts and events, from which the balance follows', async () => {
    await cloud.cloud.settled();
    const customers = await ledger.GET('/tenants/{tenantId}/customers', { params: { path, query: { limit: 500 } } });
    expect(customers.data).toMatchObject({ total: MEMBERS, limit: 500, offset: 0 });
    expect(customers.data?.customers.map((each) => each.customerId).sort()).toEqual(
      members.map((each) => each.customerId).sort(),
    );
    expect(customers.data?.customers.find((each) => each.externalRef === 'CUST-123')).toMatchObject({
      fullName: 'Jane Smith',
      email: 'jane.smith@example.com',
      segment: 'RETAIL',
      kycStatus: 'SIMULATED_PASSED',
    });

    const accounts = await ledger.GET('/tenants/{tenantId}/accounts', { params: { path, query: { limit: 1000 } } });
    expect(accounts.data?.total).toBe(4 * MEMBERS);
    expect(accounts.data?.accounts).toHaveLength(4 * MEMBERS);

    for (const { TXN, SAVINGS } of members) {
      // 1,000 deposit + 3,000 salary − 45.60 purchase − 200 transfer.
      for (const [accountId, balance] of [
        [TXN, 3754.4],
        [SAVINGS, 1200],
      ] as const) {
        const { data } = await ledger.GET('/tenants/{tenantId}/accounts/{accountId}/events', {
          params: { path: { tenantId, accountId } },
        });
        const deltas = data?.events.map((event) => Number(event.payload['deltaMinor'] ?? 0)) ?? [];
        expect(deltas.reduce((sum, delta) => sum + delta, 0) / 100).toBe(balance);
        expect(accounts.data?.accounts.find((each) => each.accountId === accountId)?.balance).toBe(balance);
      }
    }
  });
});
