/**
 * Currencies the platform supports, with their ISO 4217 exponent (digits after the decimal point).
 * The one place where an amount on the wire (a decimal number) meets the ledger's integers.
 */
export const CURRENCY_EXPONENTS: Readonly<Record<string, number>> = {
  AUD: 2,
  EUR: 2,
  FJD: 2,
  GBP: 2,
  JPY: 0,
  KWD: 3,
  NZD: 2,
  PGK: 2,
  SGD: 2,
  USD: 2,
};

/** @returns the exponent of a supported currency, else undefined */
export function currencyExponent(currency: string): number | undefined {
  return Object.hasOwn(CURRENCY_EXPONENTS, currency) ? CURRENCY_EXPONENTS[currency] : undefined;
}

/**
 * Converts a decimal amount into minor units.
 * @returns an integer, or undefined when the amount has more decimals than the currency or leaves ±(2^53 − 1) minor units
 */
export function toMinor(amount: number, exponent: number): number | undefined {
  const scale = 10 ** exponent;
  const minor = Math.round(amount * scale);
  // Division is correctly rounded, so it gives back the very double that the decimal text was parsed to,
  // but only if the text had no more digits than the exponent.
  if (!Number.isSafeInteger(minor) || minor / scale !== amount) return undefined;
  return minor === 0 ? 0 : minor;
}

/** Converts minor units into the decimal number the wire carries. */
export function fromMinor(amountMinor: number, exponent: number): number {
  return amountMinor / 10 ** exponent;
}
