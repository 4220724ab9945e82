import type { AccountKind } from '../archetypes/archetype.ts';
import { addDays } from '../calendar/calendar.ts';
import type { World } from '../world/world.ts';
import { dollars, envelope, type Prepared, type Sender } from './envelope.ts';

// The day before the first: 11:00 in Sydney in summer is midnight UTC, the time in the contract's example.
const TENANT_SECOND = 11 * 3600;
const CUSTOMER_SECOND = 12 * 3600;
const ACCOUNT_SECOND = 13 * 3600;
/** Within an hour, one a second. */
const SPREAD_SECONDS = 3_600;

/** The tenant, then its products. */
export function openingOfTenant(world: World, sender: Sender): Prepared[] {
  const date = openingDate(world);
  const { tenant, products } = world.archetype;
  const { start, days, members, fraudRate, arrearsRate } = sender.config;
  const create = envelope(sender, {
    type: 'CreateTenant',
    // All settings that the run's commands follow from: a store that holds the tenant of another run refuses this one.
    key: `tenant/${[start, days, members, fraudRate, arrearsRate].join('/')}`,
    date,
    second: TENANT_SECOND,
    payload: tenant,
  });
  const upserts = products.map((payload, index) =>
    envelope(sender, {
      type: 'UpsertProduct',
      key: `product/${payload.productCode}`,
      date,
      second: TENANT_SECOND + 1 + index,
      payload,
    }),
  );
  return [create, ...upserts].map((command) => ({ envelope: command, expect: 'ACCEPTED' }));
}

/** CreateCustomer for a member. */
export function openingOfCustomer(world: World, options: { sender: Sender; member: number }): Prepared {
  const member = world.members[options.member];
  if (!member) throw new RangeError(`Cannot find member ${options.member}: the run has ${world.members.length}`);
  const { place } = member;
  const payload = {
    externalRef: member.externalRef,
    person: {
      firstName: member.firstName,
      lastName: member.lastName,
      dateOfBirth: member.dateOfBirth,
      email: member.email,
      mobile: member.phone,
    },
    address: {
      line1: member.streetLine,
      line2: null,
      suburb: place.suburb,
      state: place.state,
      postcode: place.postcode,
      country: 'AU',
    },
    employment: {
      status: member.status,
      employer: member.employer,
      occupation: member.occupation,
      annualIncome: dollars(member.annualIncomeMinor),
    },
    riskProfile: { segment: 'RETAIL', kycStatus: 'SIMULATED_PASSED', creditScore: member.creditScore },
    metadata: { synthetic: true },
  };
  const second = CUSTOMER_SECOND + (member.index % SPREAD_SECONDS);
  const command = {
    type: 'CreateCustomer',
    key: member.externalRef,
    date: openingDate(world),
    second,
    payload,
  } as const;
  return { envelope: envelope(options.sender, command), expect: 'ACCEPTED' };
}

/** The accounts that a member opens at the start, in this order. */
export function openingKinds(world: World, member: number): ('TXN' | 'SAVINGS' | 'TERM')[] {
  const term = world.households[member]?.opening.termMinor ?? 0;
  return term > 0 ? ['TXN', 'SAVINGS', 'TERM'] : ['TXN', 'SAVINGS'];
}

const ALIASES = {
  TXN: 'Everyday Account',
  SAVINGS: 'Online Saver',
  TERM: 'Six Month Term',
  LOAN: 'Personal Loan',
} as const;
const PURPOSES = {
  TXN: 'PRIMARY_TRANSACTION',
  SAVINGS: 'SAVINGS',
  TERM: 'TERM_DEPOSIT',
  LOAN: 'PERSONAL_LOAN',
} as const;

/** What OpenAccount says about an account of a kind, whoever opens it. */
export function accountPayload(world: World, options: { customerId: string; kind: AccountKind }) {
  const { customerId, kind } = options;
  return {
    customerId,
    productCode: world.archetype.productOf[kind],
    accountAlias: ALIASES[kind],
    currency: world.archetype.tenant.baseCurrency,
    accountPurpose: PURPOSES[kind],
  };
}

/** OpenAccount with the opening deposit. */
export function openingOfAccount(
  world: World,
  options: { sender: Sender; member: number; customerId: string; kind: 'TXN' | 'SAVINGS' | 'TERM' },
): Prepared {
  const { sender, member, customerId, kind } = options;
  const opening = world.households[member]?.opening;
  const depositMinor = { TXN: opening?.txnMinor, SAVINGS: opening?.savingsMinor, TERM: opening?.termMinor }[kind] ?? 0;
  const payload = { ...accountPayload(world, { customerId, kind }), initialDeposit: dollars(depositMinor) };
  const key = `${world.members[member]?.externalRef ?? ''}/open/${kind}`;
  const second = ACCOUNT_SECOND + (member % SPREAD_SECONDS);
  const command = envelope(sender, { type: 'OpenAccount', key, date: openingDate(world), second, payload });
  return { envelope: command, expect: 'ACCEPTED' };
}

/** Tenant, members and accounts are made on the day before the first simulated one. */
function openingDate(world: World): string {
  return addDays(world.config.start, -1);
}
