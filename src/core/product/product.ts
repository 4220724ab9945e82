import type { ChainEventOf, ProductTerms } from '../../contract/events.ts';
import { CATALOG } from '../chain/name.ts';
import type { CommandOfType } from '../command.ts';
import { type Decision, type Refused, refuse } from '../decision.ts';

/** A product as its last event left it. */
export type Product = ProductTerms;

export function decideUpsertProduct(command: CommandOfType<'UpsertProduct'>, product: Product | undefined): Decision {
  const { payload } = command;
  if (product && product.productType !== payload.productType) {
    return refuse('ProductTypeChanged', { productCode: payload.productCode, productType: product.productType });
  }
  const fault = faultOfRates(payload) ?? faultOfConstraints(payload);
  if (fault) return fault;
  return {
    outcome: 'accepted',
    entityId: payload.productCode,
    events: [
      { chain: CATALOG, type: product ? 'ProductUpdated' : 'ProductCreated', entityId: payload.productCode, payload },
    ],
  };
}

export function evolveProduct(event: ChainEventOf<'ProductCreated'> | ChainEventOf<'ProductUpdated'>): Product {
  return event.payload;
}

/** @returns the term of a term deposit or the default term of a loan, in months */
export function defaultTermMonths(product: Product): number | undefined {
  return product.constraints?.termMonthsDefault ?? product.constraints?.termMonthsOptions?.[0];
}

function faultOfRates(product: Product): Refused | undefined {
  const { rate, baseRate, bonusRate } = product.interest;
  for (const [name, value] of Object.entries({ rate, baseRate, bonusRate })) {
    if (value !== undefined && value < 0) return refuse('RateNegative', { rate: name, value });
  }
  return undefined;
}

function faultOfConstraints(product: Product): Refused | undefined {
  const constraints = product.constraints ?? {};
  const inconsistent = (rule: string, least: number | null, most: number | null) =>
    refuse('ConstraintsInconsistent', { rule, leastMinor: least, mostMinor: most });
  const { minBalanceMinor = 0, maxBalanceMinor = null, minAmountMinor = 0, maxAmountMinor = null } = constraints;
  if (maxBalanceMinor !== null && minBalanceMinor > maxBalanceMinor) {
    return inconsistent('minBalance must not exceed maxBalance', minBalanceMinor, maxBalanceMinor);
  }
  if (maxAmountMinor !== null && minAmountMinor > maxAmountMinor) {
    return inconsistent('minAmount must not exceed maxAmount', minAmountMinor, maxAmountMinor);
  }
  if (!constraints.allowOverdraft && (constraints.overdraftLimitMinor ?? 0) > 0) {
    return inconsistent('overdraftLimit needs allowOverdraft', null, constraints.overdraftLimitMinor ?? null);
  }
  const { termMonthsDefault, termMonthsOptions } = constraints;
  if (termMonthsDefault !== undefined && termMonthsOptions && !termMonthsOptions.includes(termMonthsDefault)) {
    return refuse('ConstraintsInconsistent', {
      rule: 'termMonthsDefault must be among termMonthsOptions',
      termMonths: termMonthsDefault,
    });
  }
  if (product.productType === 'TERM_DEPOSIT' && defaultTermMonths(product) === undefined) {
    return refuse('ConstraintsInconsistent', { rule: 'A term deposit needs termMonthsDefault' });
  }
  return undefined;
}
