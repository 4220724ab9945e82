import type { ChainEventOf, EventLeg } from '../../contract/events.ts';
import { addMonths, localDate } from '../calendar.ts';
import type { CommandOfType } from '../command.ts';
import type { Customer } from '../customer/customer.ts';
import { type Decision, type NewEvent, type Refused, refuse } from '../decision.ts';
import { entryIdOf } from '../ledger/entry-id.ts';
import { defaultTermMonths, type Product } from '../product/product.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { faultOfCredit, loanTermsOf } from './credit.ts';

export const OPENING_DEPOSITS = 'GL_OPENING_DEPOSITS';

/** Bounds what one customer's rows and look-ups can grow to. */
export const ACCOUNTS_PER_CUSTOMER = 1_000;

/** An account with the terms of its product as they were when it was opened. */
export interface Account {
  customerId: string;
  currency: string;
  status: 'ACTIVE' | 'CLOSED';
  balanceMinor: number;
  floorMinor: number;
  ceilingMinor: number | null;
  maturesOn: string | undefined;
  /** Term deposits only: the command that opened the account, which a reversal must name. */
  openedBy: string | undefined;
}

export interface OpenAccountContext {
  tenant: Tenant;
  chain: string;
  /** Seq of the command's first event. */
  nextSeq: number;
  customer: Customer | undefined;
  product: Product | undefined;
  /** The chain's share of the balance of GL_OPENING_DEPOSITS. */
  openingDepositsMinor: number;
}

export function decideOpenAccount(command: CommandOfType<'OpenAccount'>, context: OpenAccountContext): Decision {
  const { payload } = command;
  const { customer, product, tenant, chain } = context;
  if (!customer) return refuse('CustomerUnknown', { customerId: payload.customerId });
  if (customer.accounts >= ACCOUNTS_PER_CUSTOMER) {
    return refuse('AccountLimitReached', { customerId: payload.customerId, limit: ACCOUNTS_PER_CUSTOMER });
  }
  if (!product) return refuse('ProductUnknown', { productCode: payload.productCode });
  if (product.status !== 'ACTIVE') return refuse('ProductWithdrawn', { productCode: payload.productCode });

  const isLoan = product.productType === 'LOAN';
  const loan = isLoan ? loanTermsOf(payload, product) : undefined;
  const fault = isLoan ? undefined : faultOfDeposit(payload.initialDepositMinor, product);
  if (fault) return fault;
  if (isLoan && payload.initialDepositMinor > 0)
    return refuse('InitialDepositOnLoan', { productCode: payload.productCode });
  if (!isLoan && payload.loan) return refuse('LoanTermsOnDeposit', { productCode: payload.productCode });
  if (loan && 'outcome' in loan) return loan;
  const creditFault = loan && faultOfCredit(loan, customer, product);
  if (creditFault) return creditFault;
  if (payload.currency !== tenant.baseCurrency)
    return refuse('CurrencyMismatch', { currency: payload.currency, baseCurrency: tenant.baseCurrency });

  const {
    minBalanceMinor = 0,
    maxBalanceMinor = null,
    allowOverdraft,
    overdraftLimitMinor = 0,
  } = product.constraints ?? {};
  const depositMinor = payload.initialDepositMinor;
  if (maxBalanceMinor !== null && depositMinor > maxBalanceMinor) {
    return refuse('MaximumBalanceExceeded', { amountMinor: depositMinor, ceilingMinor: maxBalanceMinor });
  }
  if (!Number.isSafeInteger(context.openingDepositsMinor - depositMinor))
    return refuse('BalanceOutOfRange', { accountId: OPENING_DEPOSITS });

  const accountId = `acc_${chain}_${command.key.slice(0, 20)}`;
  const today = localDate(command.occurredAt, tenant.timeZone);
  const floorMinor = loan ? -loan.principalMinor : allowOverdraft ? -overdraftLimitMinor : minBalanceMinor;
  const termMonths = product.productType === 'TERM_DEPOSIT' ? defaultTermMonths(product) : undefined;
  const events: NewEvent[] = [
    {
      chain,
      type: 'AccountOpened',
      entityId: accountId,
      payload: {
        customerId: payload.customerId,
        productCode: product.productCode,
        productType: product.productType,
        currency: payload.currency,
        accountAlias: payload.accountAlias,
        accountPurpose: payload.accountPurpose,
        floorMinor: floorMinor === 0 ? 0 : floorMinor,
        ceilingMinor: maxBalanceMinor,
        maturesOn: termMonths === undefined ? undefined : addMonths(today, termMonths),
      },
    },
  ];
  if (loan)
    events.push({
      chain,
      type: 'LoanFacilityCreated',
      entityId: accountId,
      payload: { customerId: payload.customerId, ...loan },
    });
  if (depositMinor > 0)
    events.push(...openingDeposit({ command, context, accountId, date: today, seq: context.nextSeq + events.length }));
  return { outcome: 'accepted', entityId: accountId, events };
}

export function evolveAccount(
  account: Account | undefined,
  event: ChainEventOf<'AccountOpened'> | ChainEventOf<'AccountBalanceUpdated'> | ChainEventOf<'AccountClosed'>,
): Account {
  if (event.type === 'AccountOpened') {
    const { customerId, currency, floorMinor, ceilingMinor, maturesOn } = event.payload;
    const openedBy = maturesOn === undefined ? undefined : event.causationId;
    return { customerId, currency, status: 'ACTIVE', balanceMinor: 0, floorMinor, ceilingMinor, maturesOn, openedBy };
  }
  if (!account) throw new Error(`Cannot apply ${event.type} to account "${event.entityId}": it was never opened`);
  switch (event.type) {
    case 'AccountBalanceUpdated':
      return { ...account, balanceMinor: event.payload.balanceMinor };
    case 'AccountClosed':
      return { ...account, status: 'CLOSED' };
    default:
      return event satisfies never;
  }
}

function faultOfDeposit(depositMinor: number, product: Product): Refused | undefined {
  const { minBalanceMinor = 0 } = product.constraints ?? {};
  return depositMinor < minBalanceMinor
    ? refuse('InitialDepositTooLow', { amountMinor: depositMinor, minBalanceMinor })
    : undefined;
}

/** An initial deposit is an entry like any other: out of GL_OPENING_DEPOSITS, into the account. */
function openingDeposit(options: {
  command: CommandOfType<'OpenAccount'>;
  context: OpenAccountContext;
  accountId: string;
  date: string;
  seq: number;
}): NewEvent[] {
  const { command, context, accountId, date, seq } = options;
  const { chain } = context;
  const amountMinor = command.payload.initialDepositMinor;
  const entryId = entryIdOf({ chain, seq, key: command.key });
  const legs: EventLeg[] = [
    { accountId: OPENING_DEPOSITS, direction: 'CREDIT', amountMinor },
    { accountId, direction: 'DEBIT', amountMinor },
  ];
  const update = (entityId: string, deltaMinor: number, balanceMinor: number): NewEvent => ({
    chain,
    type: 'AccountBalanceUpdated',
    entityId,
    payload: { entryId, valueDate: date, deltaMinor, balanceMinor },
  });
  return [
    {
      chain,
      type: 'FundsPosted',
      entityId: entryId,
      payload: { accountId, bookingDate: date, valueDate: date, currency: command.payload.currency, legs },
    },
    update(OPENING_DEPOSITS, -amountMinor, context.openingDepositsMinor - amountMinor),
    update(accountId, amountMinor, amountMinor),
  ];
}
