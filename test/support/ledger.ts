import { createHash } from 'node:crypto';
import type { CommandEnvelope, CommandOf, CommandType } from '../../src/contract/envelope.ts';
import { RIGHTS } from '../../src/contract/rights.ts';
import type { ChainEvent } from '../../src/contract/events.ts';
import { genesisHash, linkHash } from '../../src/core/chain/hash.ts';
import { parseLine } from '../../src/core/chain/line.ts';
import { chainsOf, fullChainName } from '../../src/core/chain/name.ts';
import type { Principal } from '../../src/gateway/authorise.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../src/gateway/gateway.ts';
import type { Reply } from '../../src/gateway/reply.ts';
import type { Journal } from '../../src/journal/port.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { sha256 } from '../../src/journal/sha256.ts';

export const ACTOR = 'TEST_ACTOR';

/** A UUID that follows from a text: commands of tests are the same in every run. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function command<Type extends CommandType>(
  commandType: Type,
  payload: CommandOf<Type>['payload'],
  options: { id: string; tenantId?: string; key?: string; timestamp?: string },
): CommandEnvelope {
  // Type and payload are tied by the signature; the union cannot see it.
  return {
    commandId: uuidOf(options.id),
    tenantId: options.tenantId ?? 'CU_TEST',
    commandType,
    actor: { actorType: 'SYSTEM', actorId: ACTOR },
    timestamp: options.timestamp ?? '2025-01-01T00:00:00Z',
    payload,
    ...(options.key !== undefined && { idempotencyKey: options.key }),
  } as CommandEnvelope;
}

export const createTenant = (tenantCode = 'CU_TEST') =>
  command(
    'CreateTenant',
    { tenantCode, displayName: 'Test', region: 'AU', baseCurrency: 'AUD', timeZone: 'Australia/Sydney' },
    { id: `tenant ${tenantCode}`, tenantId: tenantCode },
  );

export const products = (tenantId = 'CU_TEST') => [
  command(
    'UpsertProduct',
    {
      productCode: 'TXN',
      name: 'Everyday',
      productType: 'DEPOSIT',
      interest: { rate: 0 },
      constraints: { minBalance: 0, maxBalance: null, allowOverdraft: false, overdraftLimit: 0 },
    },
    { id: `txn ${tenantId}`, tenantId },
  ),
  command(
    'UpsertProduct',
    {
      productCode: 'SAVER',
      name: 'Saver',
      productType: 'DEPOSIT',
      interest: { baseRate: 0.015, bonusRate: 0.03 },
      constraints: { minBalance: 0, maxBalance: 5_000 },
    },
    { id: `saver ${tenantId}`, tenantId },
  ),
  command(
    'UpsertProduct',
    {
      productCode: 'TERM',
      name: 'Term',
      productType: 'TERM_DEPOSIT',
      interest: { rate: 0.04 },
      constraints: { minBalance: 1_000, termMonthsDefault: 6 },
    },
    { id: `term ${tenantId}`, tenantId },
  ),
  command(
    'UpsertProduct',
    {
      productCode: 'LOAN',
      name: 'Loan',
      productType: 'LOAN',
      interest: { rate: 0.1199 },
      constraints: {
        minAmount: 2_000,
        maxAmount: 50_000,
        termMonthsDefault: 36,
        termMonthsOptions: [12, 24, 36, 48, 60],
      },
      creditCriteria: { minIncome: 30_000, maxDtiRatio: 0.4, minCreditScore: 600 },
    },
    { id: `loan ${tenantId}`, tenantId },
  ),
];

export const createCustomer = (
  number: number,
  options: { tenantId?: string; person?: object; income?: number; score?: number } = {},
) =>
  command(
    'CreateCustomer',
    {
      externalRef: `CUST-${number}`,
      person: {
        firstName: 'Jane',
        lastName: 'Smith',
        dateOfBirth: '1988-05-17',
        email: `member${number}@example.com`,
        mobile: `+61255${String(500_000 + number).padStart(6, '0')}`,
        ...options.person,
      },
      employment: { status: 'FULL_TIME', annualIncome: options.income ?? 85_000 },
      riskProfile: { segment: 'RETAIL', kycStatus: 'SIMULATED_PASSED', creditScore: options.score ?? 720 },
    },
    {
      id: `customer ${number} ${JSON.stringify(options)}`,
      ...(options.tenantId !== undefined && { tenantId: options.tenantId }),
    },
  );

export const openAccount = (
  customerId: string,
  options: {
    id: string;
    productCode?: string;
    initialDeposit?: number;
    loan?: { principal?: number; termMonths?: number };
    currency?: string;
    tenantId?: string;
  },
) =>
  command(
    'OpenAccount',
    {
      customerId,
      productCode: options.productCode ?? 'TXN',
      currency: options.currency ?? 'AUD',
      ...(options.initialDeposit !== undefined && { initialDeposit: options.initialDeposit }),
      ...(options.loan && { loan: options.loan }),
    },
    options,
  );

export interface EntryOptions {
  id: string;
  key?: string;
  tenantId?: string;
  change?: Partial<CommandOf<'PostEntry'>['payload']>;
}

/** Moves an amount: `from` is credited, `to` debited. */
export const move = (from: string, to: string, amount: number, options: EntryOptions) =>
  command(
    'PostEntry',
    {
      bookingDate: '2025-01-03',
      valueDate: '2025-01-03',
      currency: 'AUD',
      narrative: 'Test',
      legs: [
        { accountId: from, direction: 'CREDIT', amount },
        { accountId: to, direction: 'DEBIT', amount },
      ],
      ...options.change,
    },
    options,
  );

export function principal(...tenants: string[]): Principal {
  return { subject: ACTOR, tenants: new Set(tenants), rights: new Set(RIGHTS) };
}

/** A gateway with a clock that stands still, as a process of its own would have it. */
export function gatewayOn(journal: Journal, options: Partial<GatewayOptions> = {}): Gateway {
  return createGateway({
    journalOf: () => journal,
    openReplica,
    sha256,
    now: () => '2026-01-01T00:00:00.000Z',
    ...options,
  });
}

export function send(gateway: Gateway, envelope: CommandEnvelope): Promise<Reply> {
  return gateway.submit(envelope, { tenantId: envelope.tenantId, principal: principal(envelope.tenantId) });
}

export async function sendBatch(
  gateway: Gateway,
  commands: unknown[],
  tenantId = 'CU_TEST',
  options: { dryRun?: boolean } = {},
): Promise<Reply[]> {
  const replies = await gateway.submitBatch({ commands }, { tenantId, principal: principal(tenantId), ...options });
  if (!Array.isArray(replies)) throw new Error(`The batch was refused: ${JSON.stringify(replies)}`);
  return replies;
}

export function entityOf(reply: Reply | undefined): string {
  if (reply?.kind !== 'accepted') throw new Error(`Expected an accepted command, got ${JSON.stringify(reply)}`);
  return reply.body.entityId;
}

export interface Member {
  customerId: string;
  accountId: string;
}

/** A tenant with its products and members, each with an account that holds `deposit`. */
export async function openBank(
  gateway: Gateway,
  options: { members: number; deposit?: number; tenantId?: string },
): Promise<Member[]> {
  const { members, deposit = 100, tenantId = 'CU_TEST' } = options;
  await sendBatch(gateway, [createTenant(tenantId), ...products(tenantId)], tenantId).then((replies) =>
    replies.forEach(entityOf),
  );
  const customers = await sendBatch(
    gateway,
    Array.from({ length: members }, (_, number) => createCustomer(number, { tenantId })),
    tenantId,
  );
  const customerIds = customers.map(entityOf);
  const accounts = await sendBatch(
    gateway,
    customerIds.map((customerId, number) =>
      openAccount(customerId, { id: `account ${number} ${tenantId}`, initialDeposit: deposit, tenantId }),
    ),
    tenantId,
  );
  return accounts.map((reply, index) => ({ customerId: customerIds[index] ?? '', accountId: entityOf(reply) }));
}

/** Reads a tenant's whole journal and checks that every chain hashes from its genesis to its head. */
export async function readVerified(journal: Journal, tenantId = 'CU_TEST'): Promise<Map<string, ChainEvent[]>> {
  const chains = new Map<string, ChainEvent[]>();
  for (const chain of chainsOf(16)) {
    const events: ChainEvent[] = [];
    let hash = genesisHash(fullChainName({ tenantId, chain }), sha256);
    for await (const commit of journal.read({ tenantId, chain }, { afterSeq: 0 })) {
      if (commit.prevHash !== hash || commit.firstSeq !== events.length + 1)
        throw new Error(`Chain ${chain} has a gap or a fork at ${commit.firstSeq}`);
      for (const line of commit.body.split('\n')) {
        hash = linkHash(hash, line, sha256);
        events.push(parseLine(line));
      }
      if (commit.headHash !== hash || commit.lastSeq !== events.length)
        throw new Error(`Chain ${chain} does not hash to its head at ${commit.lastSeq}`);
    }
    if (events.some((event, index) => event.seq !== index + 1)) throw new Error(`Chain ${chain} misnumbers its events`);
    chains.set(chain, events);
  }
  return chains;
}

/** Balances as the events left them, GL accounts summed over the chains. */
export function balancesOf(chains: Map<string, ChainEvent[]>): Map<string, number> {
  const balances = new Map<string, number>();
  for (const event of [...chains.values()].flat()) {
    if (event.type === 'AccountBalanceUpdated')
      balances.set(event.entityId, (balances.get(event.entityId) ?? 0) + event.payload.deltaMinor);
  }
  return balances;
}
