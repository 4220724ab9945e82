import type { Archetype } from './archetype.ts';

/** The terms of an archetype's products that the twin reckons with, in minor units and parts per million. */
export interface ProductTerms {
  atmFeeOtherMinor: number;
  savings: { basePpm: number; bonusPpm: number; bonusMinDepositMinor: number; bonusMaxWithdrawals: number };
  loan: {
    ratePpm: number;
    establishmentFeeMinor: number;
    monthlyFeeMinor: number;
    leastMinor: number;
    mostMinor: number;
    terms: readonly number[];
    minIncomeMinor: number;
    minCreditScore: number;
    maxDebtToIncome: number;
  };
}

/** Reads the terms once; what a product leaves out counts as 0. */
export function productTerms(archetype: Archetype): ProductTerms {
  const product = (code: string) => {
    const found = archetype.products.find((candidate) => candidate.productCode === code);
    if (!found) throw new RangeError(`Give the archetype a product "${code}": it has none`);
    return found;
  };
  const transaction = product(archetype.productOf.TXN);
  const savings = product(archetype.productOf.SAVINGS);
  const loan = product(archetype.productOf.LOAN);
  return {
    atmFeeOtherMinor: minorOf(transaction.fees?.atmFeeOther),
    savings: {
      basePpm: ppmOf(savings.interest.baseRate),
      bonusPpm: ppmOf(savings.interest.bonusRate),
      bonusMinDepositMinor: minorOf(savings.interest.bonusConditions?.minMonthlyDeposit),
      bonusMaxWithdrawals: savings.interest.bonusConditions?.maxMonthlyWithdrawals ?? 0,
    },
    loan: {
      ratePpm: ppmOf(loan.interest.rate),
      establishmentFeeMinor: minorOf(loan.fees?.establishmentFee),
      monthlyFeeMinor: minorOf(loan.fees?.monthlyFee),
      leastMinor: minorOf(loan.constraints?.minAmount),
      mostMinor: minorOf(loan.constraints?.maxAmount),
      terms: loan.constraints?.termMonthsOptions ?? [],
      minIncomeMinor: minorOf(loan.creditCriteria?.minIncome),
      minCreditScore: loan.creditCriteria?.minCreditScore ?? 0,
      maxDebtToIncome: loan.creditCriteria?.maxDtiRatio ?? 0,
    },
  };
}

function minorOf(amount: number | null | undefined): number {
  return Math.round((amount ?? 0) * 100);
}

function ppmOf(rate: number | undefined): number {
  return Math.round((rate ?? 0) * 1_000_000);
}
