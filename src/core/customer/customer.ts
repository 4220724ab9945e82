import type { ChainEventOf } from '../../contract/events.ts';
import type { ViolationCode } from '../../contract/refusals.ts';
import { ageOn, localDate } from '../calendar.ts';
import type { Claim, CommandOfType } from '../command.ts';
import { type Decision, refuse } from '../decision.ts';
import type { Tenant } from '../tenant/tenant.ts';

export const MINIMUM_AGE_YEARS = 18;

/** What later decisions need to know of a customer. */
export interface Customer {
  annualIncomeMinor: number | undefined;
  creditScore: number | undefined;
  /** Sum of the principals of the customer's loans. */
  loanPrincipalMinor: number;
  /** Accounts ever opened. */
  accounts: number;
}

const TAKEN: Readonly<Record<Claim['kind'], ViolationCode>> = {
  email: 'EmailTaken',
  mobile: 'MobileTaken',
  externalRef: 'ExternalRefTaken',
};

export function decideCreateCustomer(
  command: CommandOfType<'CreateCustomer'>,
  context: { tenant: Tenant; chain: string; isTaken: (claim: Claim) => boolean },
): Decision {
  const { payload } = command;
  const today = localDate(command.occurredAt, context.tenant.timeZone);
  // Details must not tell the birth date: refusals are recorded.
  if (ageOn(payload.person.dateOfBirth, today) < MINIMUM_AGE_YEARS)
    return refuse('CustomerUnderAge', { minimumAge: MINIMUM_AGE_YEARS });
  const taken = command.claims.find((claim) => context.isTaken(claim));
  if (taken) return refuse(TAKEN[taken.kind]);
  const customerId = `cust_${context.chain}_${command.key.slice(0, 20)}`;
  return {
    outcome: 'accepted',
    entityId: customerId,
    events: [{ chain: context.chain, type: 'CustomerCreated', entityId: customerId, payload }],
  };
}

export function evolveCustomer(
  customer: Customer | undefined,
  event: ChainEventOf<'CustomerCreated'> | ChainEventOf<'AccountOpened'> | ChainEventOf<'LoanFacilityCreated'>,
): Customer {
  switch (event.type) {
    case 'CustomerCreated':
      return {
        annualIncomeMinor: event.payload.employment?.annualIncomeMinor,
        creditScore: event.payload.riskProfile?.creditScore,
        loanPrincipalMinor: 0,
        accounts: 0,
      };
    case 'AccountOpened':
      return { ...known(customer, event.payload.customerId), accounts: (customer?.accounts ?? 0) + 1 };
    case 'LoanFacilityCreated': {
      const before = known(customer, event.payload.customerId);
      return { ...before, loanPrincipalMinor: before.loanPrincipalMinor + event.payload.principalMinor };
    }
    default:
      return event satisfies never;
  }
}

function known(customer: Customer | undefined, customerId: string): Customer {
  if (!customer) throw new Error(`Cannot fold an account of customer "${customerId}": there is no such customer`);
  return customer;
}
