import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_PREFIX } from '../../src/contract/routes.ts';
import type { CommandOf, CommandType } from '../../src/contract/envelope.ts';
import { ACTOR } from './actor.ts';

export const TENANT = 'CU_BENCH';

/** What is needed to reach the API. */
export interface Api {
  url: string;
  token: string;
}

/** Far more than any benchmark moves out of an account. */
const OPENING_DEPOSIT = 10_000_000;
const SETUP_BATCH = 500;
const PAGE_ROWS = 1_000;
const DRAIN_LIMIT_MS = 300_000;
const DRAIN_POLL_MS = 200;

/**
 * Opens a tenant with one product and members who have an account each, through the public API; or finds the accounts that are there.
 * @returns the accounts
 * @throws where any command is not accepted
 */
export async function openBank(api: Api, options: { accounts: number }): Promise<string[]> {
  const found = await accountsOf(api);
  if (found.length >= options.accounts) return found.slice(0, options.accounts);
  const { catalog, customers, accounts } = setupCommands(options.accounts);
  await submit(api, catalog);
  return submit(api, accounts(await submit(api, customers)));
}

/** The commands that open such a bank: tenant and product, customers, and an account for each customer. */
export function setupCommands(count: number): {
  catalog: object[];
  customers: object[];
  accounts: (customerIds: readonly string[]) => object[];
} {
  return {
    catalog: [
      command('CreateTenant', 'tenant', {
        tenantCode: TENANT,
        displayName: 'Benchmark',
        region: 'AU',
        baseCurrency: 'AUD',
        timeZone: 'Australia/Sydney',
      }),
      command('UpsertProduct', 'product', {
        productCode: 'TXN',
        name: 'Everyday',
        productType: 'DEPOSIT',
        interest: { rate: 0 },
        constraints: { minBalance: 0, maxBalance: null, allowOverdraft: false, overdraftLimit: 0 },
      }),
    ],
    customers: Array.from({ length: count }, (_, number) => createCustomer(number)),
    accounts: (customerIds) =>
      customerIds.map((customerId, index) =>
        command('OpenAccount', `account ${index}`, {
          customerId,
          productCode: 'TXN',
          currency: 'AUD',
          initialDeposit: OPENING_DEPOSIT,
        }),
      ),
  };
}

export interface ChainHead {
  chain: string;
  headSeq: number;
  projectedSeq: number;
}

/** Heads of the tenant's chains, and how far the views are. */
export async function chainsOf(api: Api): Promise<ChainHead[]> {
  const { chains } = (await get(api, `/tenants/${TENANT}/chains`)) as { chains: ChainHead[] };
  return chains;
}

/** Events of all chains. */
export async function eventsOf(api: Api): Promise<number> {
  return (await chainsOf(api)).reduce((sum, { headSeq }) => sum + headSeq, 0);
}

/** Waits until the views hold all that the journal does. @returns how long it took, in ms */
export async function drained(api: Api): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const chains = await chainsOf(api);
    const tookMs = performance.now() - startedMs;
    if (chains.every(({ headSeq, projectedSeq }) => projectedSeq >= headSeq)) return tookMs;
    if (tookMs > DRAIN_LIMIT_MS) throw new Error(`The views did not follow within ${DRAIN_LIMIT_MS / 1_000} s`);
    await sleep(DRAIN_POLL_MS);
  }
}

async function accountsOf(api: Api): Promise<string[]> {
  const accounts: string[] = [];
  for (;;) {
    const path = `/tenants/${TENANT}/accounts?limit=${PAGE_ROWS}&offset=${accounts.length}`;
    const page = (await get(api, path)) as { accounts: { accountId: string }[] } | undefined;
    accounts.push(...(page?.accounts ?? []).map(({ accountId }) => accountId));
    if ((page?.accounts.length ?? 0) < PAGE_ROWS) return accounts;
  }
}

/** @returns undefined where there is no such thing */
async function get({ url, token }: Api, path: string): Promise<unknown> {
  const response = await fetch(`${url}${API_PREFIX}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`GET ${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Submits commands in batches. @returns what they made, in order */
async function submit({ url, token }: Api, commands: readonly object[]): Promise<string[]> {
  const made: string[] = [];
  for (let at = 0; at < commands.length; at += SETUP_BATCH) {
    const response = await fetch(`${url}${API_PREFIX}/tenants/${TENANT}/commands/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ commands: commands.slice(at, at + SETUP_BATCH) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The set-up was answered with ${response.status}: ${text.slice(0, 500)}`);
    const { results } = JSON.parse(text) as { results: { status: number; body: { entityId?: string } }[] };
    for (const { status, body } of results) {
      if (status !== 202) throw new Error(`A command of the set-up was answered with ${JSON.stringify(body)}`);
      made.push(body.entityId ?? '');
    }
  }
  return made;
}

function createCustomer(number: number): object {
  return command('CreateCustomer', `customer ${number}`, {
    externalRef: `BENCH-${number}`,
    person: {
      firstName: 'Jane',
      lastName: 'Smith',
      dateOfBirth: '1988-05-17',
      email: `member${number}@example.com`,
      mobile: `+614${String(number).padStart(8, '0')}`,
    },
  });
}

function command<Type extends CommandType>(commandType: Type, id: string, payload: CommandOf<Type>['payload']): object {
  const hex = createHash('sha256').update(`bench ${id}`).digest('hex');
  return {
    commandId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    tenantId: TENANT,
    commandType,
    actor: { actorType: 'SERVICE', actorId: ACTOR },
    timestamp: '2025-01-01T00:00:00Z',
    payload,
  };
}
