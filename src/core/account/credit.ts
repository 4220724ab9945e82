import type { OpenAccount } from '../command.ts';
import type { Customer } from '../customer/customer.ts';
import { type Refused, refuse } from '../decision.ts';
import { defaultTermMonths, type Product } from '../product/product.ts';

/** Ratios are compared as integers in units of a millionth, so that floating point decides nothing. */
const RATIO_SCALE = 1_000_000;

export interface LoanTerms {
  principalMinor: number;
  termMonths: number;
  rate: number;
}

/** @returns the loan's terms with the product's defaults filled in, or why the product does not offer them */
export function loanTermsOf(application: OpenAccount, product: Product): LoanTerms | Refused {
  const { minAmountMinor = 0, maxAmountMinor = null, termMonthsOptions } = product.constraints ?? {};
  const principalMinor = application.loan?.principalMinor ?? minAmountMinor;
  if (
    principalMinor <= 0 ||
    principalMinor < minAmountMinor ||
    (maxAmountMinor !== null && principalMinor > maxAmountMinor)
  ) {
    return refuse('LoanAmountOutOfRange', { principalMinor, minAmountMinor, maxAmountMinor });
  }
  const termMonths = application.loan?.termMonths ?? defaultTermMonths(product);
  if (termMonths === undefined || (termMonthsOptions && !termMonthsOptions.includes(termMonths))) {
    return refuse('LoanTermNotOffered', { termMonths: termMonths ?? null });
  }
  return { principalMinor, termMonths, rate: product.interest.rate ?? product.interest.baseRate ?? 0 };
}

/**
 * Debt to income here is the sum of the principals of the customer's loans, this one included, over the annual income.
 * Income and score are facts about a person, so the details only name the rule.
 */
export function faultOfCredit(loan: LoanTerms, customer: Customer, product: Product): Refused | undefined {
  const criteria = product.creditCriteria;
  if (!criteria) return undefined;
  const income = customer.annualIncomeMinor;
  if (criteria.minIncomeMinor !== undefined && (income === undefined || income < criteria.minIncomeMinor)) {
    return refuse('IncomeTooLow', { minIncomeMinor: criteria.minIncomeMinor });
  }
  if (criteria.minCreditScore !== undefined && (customer.creditScore ?? -1) < criteria.minCreditScore) {
    return refuse('CreditScoreTooLow', { minCreditScore: criteria.minCreditScore });
  }
  if (criteria.maxDtiRatio !== undefined) {
    const debt = BigInt(customer.loanPrincipalMinor + loan.principalMinor) * BigInt(RATIO_SCALE);
    const most = BigInt(income ?? 0) * BigInt(Math.round(criteria.maxDtiRatio * RATIO_SCALE));
    if (debt > most) return refuse('DebtToIncomeTooHigh', { maxDtiRatio: criteria.maxDtiRatio });
  }
  return undefined;
}
