/** Resident rates for 2024-25 and 2025-26, above each threshold in dollars. Source: Australian Taxation Office. */
const BRACKETS = [
  { above: 18_200, rate: 0.16 },
  { above: 45_000, rate: 0.3 },
  { above: 135_000, rate: 0.37 },
  { above: 190_000, rate: 0.45 },
] as const;
const MEDICARE_LEVY = 0.02;
/** Below about this income neither levy nor, with the low-income offset, tax is due. */
const TAX_FREE = 24_000;

/**
 * Pay after income tax and Medicare levy, without offsets: near enough for pay slips that look right.
 * @returns minor units a year
 */
export function netIncomeMinor(grossMinor: number): number {
  const gross = grossMinor / 100;
  if (gross <= TAX_FREE) return grossMinor;
  let tax = gross * MEDICARE_LEVY;
  BRACKETS.forEach(({ above, rate }, index) => {
    const next = BRACKETS[index + 1]?.above ?? Infinity;
    tax += Math.max(0, Math.min(gross, next) - above) * rate;
  });
  return grossMinor - Math.round(tax * 100);
}
