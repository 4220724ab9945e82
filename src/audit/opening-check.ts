import type { ChainEventOf, ProductTerms } from '../contract/events.ts';
import { monthsAfter } from './calendar.ts';
import type { TenantState } from './state.ts';

/** Checks that an account belongs to a customer of its chain and has the terms of its product, and enters it. */
export function openAccount(options: {
  event: ChainEventOf<'AccountOpened'>;
  /** Undefined where no command stands before the event, which is a breach of its own. */
  key: string | undefined;
  chain: string;
  state: TenantState;
}): void {
  const { event, key, chain, state } = options;
  const { entityId: accountId, payload: terms, seq, occurredAt } = event;
  const place = { chain, seq };
  const isolated = (holds: boolean, reason: () => string) =>
    state.findings.check('TENANT_ISOLATION', holds, place, reason);
  const constrained = (holds: boolean, reason: () => string) =>
    state.findings.check('ACCOUNT_CONSTRAINTS', holds, place, reason);

  const expectedId = key === undefined ? accountId : `acc_${chain}_${key.slice(0, 20)}`;
  isolated(accountId === expectedId, () => `Account ${accountId} should be ${expectedId} where it stands`);
  isolated(
    state.customers.get(terms.customerId)?.chain === chain,
    () => `Account ${accountId} names customer ${terms.customerId}, who is not on this chain`,
  );
  const checkProduct = (): void => {
    const isKnown = isolated(
      state.products.has(terms.productCode),
      () => `Account ${accountId} names product ${terms.productCode}, which this tenant does not have`,
    );
    if (isKnown)
      constrained(
        isProductGiving(),
        () => `Account ${accountId} has terms that no version of product ${terms.productCode} gives`,
      );
  };
  const today = state.localDate(occurredAt);
  const isProductGiving = (): boolean =>
    state.products.get(terms.productCode)?.some((product) => hasTermsOf(terms, product, today)) ?? false;
  // The product, or this version of it, may have been made after the catalog was read.
  if (isProductGiving()) checkProduct();
  else state.later.push(checkProduct);

  constrained(
    terms.currency === state.tenant?.baseCurrency,
    () => `Account ${accountId} is in ${terms.currency}, not in the currency of the tenant`,
  );
  constrained(!state.accounts.get(accountId)?.terms, () => `Account ${accountId} is opened a second time`);
  state.accounts.set(accountId, {
    accountId,
    chain,
    terms,
    openedBy: event.causationId,
    status: 'ACTIVE',
    balanceMinor: 0,
  });
}

/** Checks a loan's facility against its account, whose floor it sets. */
export function checkLoan(event: ChainEventOf<'LoanFacilityCreated'>, chain: string, state: TenantState): void {
  const { entityId: accountId, payload, seq } = event;
  const terms = state.accounts.get(accountId)?.terms;
  state.findings.check(
    'ACCOUNT_CONSTRAINTS',
    terms?.productType === 'LOAN' &&
      terms.customerId === payload.customerId &&
      terms.floorMinor === -payload.principalMinor,
    { chain, seq },
    () => `LoanFacilityCreated of ${accountId} does not agree with its account`,
  );
}

function hasTermsOf(terms: ChainEventOf<'AccountOpened'>['payload'], product: ProductTerms, today: string): boolean {
  const {
    minBalanceMinor = 0,
    maxBalanceMinor = null,
    minAmountMinor = 0,
    maxAmountMinor = null,
  } = product.constraints ?? {};
  const { allowOverdraft, overdraftLimitMinor = 0, termMonthsDefault, termMonthsOptions } = product.constraints ?? {};
  if (
    terms.productType !== product.productType ||
    terms.ceilingMinor !== maxBalanceMinor ||
    product.status !== 'ACTIVE'
  )
    return false;
  if (product.productType === 'LOAN') {
    const principalMinor = -terms.floorMinor;
    return (
      principalMinor > 0 &&
      principalMinor >= minAmountMinor &&
      (maxAmountMinor === null || principalMinor <= maxAmountMinor)
    );
  }
  // `===` does not tell 0 from −0, which is what an overdraft of 0 comes to.
  if (terms.floorMinor !== (allowOverdraft ? -overdraftLimitMinor : minBalanceMinor)) return false;
  const months = termMonthsDefault ?? termMonthsOptions?.[0];
  const maturesOn =
    product.productType === 'TERM_DEPOSIT' && months !== undefined ? monthsAfter(today, months) : undefined;
  return terms.maturesOn === maturesOn;
}
