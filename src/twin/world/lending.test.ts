import fc from 'fast-check';
import { expect, test } from 'vitest';
import { twinConfig } from '../config.ts';
import { World } from './world.ts';

test('every application goes as the ledger’s own criteria say', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 300 }), (seed, members) => {
      const world = new World(twinConfig({ runId: 'r', seed, members, days: 30 }));
      const { loan: terms } = world.terms;
      const applicants = new Set<number>();
      while (world.nextDay < 30) {
        for (const { member, principalMinor, termMonths, expect: expected } of world.advance().loans) {
          expect(applicants).not.toContain(member);
          applicants.add(member);
          const { annualIncomeMinor, creditScore } = world.members[member] ?? { annualIncomeMinor: 0, creditScore: 0 };
          const decided =
            annualIncomeMinor < terms.minIncomeMinor
              ? 'IncomeTooLow'
              : creditScore < terms.minCreditScore
                ? 'CreditScoreTooLow'
                : principalMinor > annualIncomeMinor * terms.maxDebtToIncome
                  ? 'DebtToIncomeTooHigh'
                  : 'ACCEPTED';
          expect(expected).toBe(decided);
          expect(principalMinor).toBeGreaterThanOrEqual(terms.leastMinor);
          expect(principalMinor).toBeLessThanOrEqual(terms.mostMinor);
          expect(principalMinor % 10_000).toBe(0);
          expect(terms.terms).toContain(termMonths);
        }
      }
      expect(applicants.size).toBeLessThanOrEqual(Math.round(members * 0.15));
    }),
    { numRuns: 25 },
  );
});
