import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import { netIncomeMinor } from './income-tax.ts';
import { memberOf } from './member.ts';

const config = { seed: '42', tenantId: 'CU_DIGITAL', start: '2025-01-02' };

test('75,000 members share neither email nor phone nor reference', () => {
  const members = Array.from({ length: 75_000 }, (_, index) => memberOf(config, index));
  for (const field of ['email', 'phone', 'externalRef'] as const) {
    expect(new Set(members.map((member) => member[field])).size, field).toBe(75_000);
  }
  expect(members.every((member) => /^[a-z]+\.[a-z]+\.\d{6}@example\.(com|org|net)$/.test(member.email))).toBe(true);
  const weekly = members.filter((member) => member.employed).map((member) => member.annualIncomeMinor / 5_200);
  const median = weekly.toSorted((left, right) => left - right)[Math.floor(weekly.length / 2)] ?? 0;
  // ABS: 1,425.
  expect(median).toBeGreaterThan(1_390);
  expect(median).toBeLessThan(1_460);
});

test('everyone is of age on the day before the start, whatever seed and start', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(74_999), fc.nat(3_000), (seed, index, days) => {
      const start = addDays('2024-01-01', days);
      const { dateOfBirth, annualIncomeMinor, creditScore } = memberOf({ ...config, seed, start }, index);
      const eighteenth = `${Number(dateOfBirth.slice(0, 4)) + 18}${dateOfBirth.slice(4)}`;
      expect(eighteenth <= addDays(start, -1)).toBe(true);
      expect(dateOfBirth > '1930').toBe(true);
      expect(annualIncomeMinor).toBeGreaterThan(0);
      expect(annualIncomeMinor % 10_000).toBe(0);
      expect(creditScore).toBeGreaterThanOrEqual(350);
      expect(creditScore).toBeLessThanOrEqual(1_150);
    }),
    { numRuns: 500 },
  );
});

test('a member does not depend on who was made before', () => {
  const alone = memberOf(config, 77);
  for (let index = 0; index < 77; index += 1) memberOf(config, index);
  expect(memberOf(config, 77)).toEqual(alone);
  expect(memberOf({ ...config, seed: '43' }, 77)).not.toEqual(alone);
});

test('takes tax by the brackets', () => {
  expect(netIncomeMinor(2_000_000)).toBe(2_000_000);
  // 100,000: 26,800 × 16 % + 55,000 × 30 % + 100,000 × 2 % = 4,288 + 16,500 + 2,000.
  expect(netIncomeMinor(10_000_000)).toBe(10_000_000 - 2_278_800);
});
