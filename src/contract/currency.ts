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
 *
 * A JSON number is a double. From 2^46 on its steps are wider than a cent, so that two amounts share one double and the
 * sender's text is lost before it gets here: such a number is refused like one with too many decimals.
 * @returns an integer, or undefined when the amount is no whole, unambiguous number of minor units within ±(2^53 − 1)
 */
export function toMinor(amount: number, exponent: number): number | undefined {
  const scale = 10 ** exponent;
  // The product is rounded and may miss by one. Division is correctly rounded, so the amount's minor units, divided, give
  // back the very double that its text was parsed to; no candidate does if the text had more digits than the exponent.
  const near = Math.round(amount * scale);
  if (!Number.isSafeInteger(near)) return undefined;
  let found: number | undefined;
  for (const offset of [-1, 0, 1]) {
    const candidate = near + offset;
    if (candidate / scale !== amount) continue;
    if (found !== undefined) return undefined;
    found = candidate;
  }
  if (found === undefined || !Number.isSafeInteger(found)) return undefined;
  return found === 0 ? 0 : found;
}

/** Converts minor units into the decimal number the wire carries. */
export function fromMinor(amountMinor: number, exponent: number): number {
  return amountMinor / 10 ** exponent;
}
