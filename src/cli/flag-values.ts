import { usageError } from './cli-error.ts';

/** @returns the whole number that a flag was given, within its bounds */
export function wholeNumber(flag: string, value: string, bounds: { least: number; most: number }): number {
  const { least, most } = bounds;
  const number = /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw usageError(`Give --${flag} a whole number from ${least} to ${most}: it is "${value}"`);
  }
  return number;
}

/** @returns the date that a flag was given, as it stands, within its bounds */
export function isoDate(flag: string, value: string, bounds: { least: string; most: string }): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  // 30 February parses; it does not come back the same.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(value)) {
    throw usageError(`Give --${flag} a date such as 2025-01-02: it is "${value}"`);
  }
  // Dates of this form sort as texts.
  if (value < bounds.least || value > bounds.most) {
    throw usageError(`Give --${flag} a date from ${bounds.least} to ${bounds.most}: it is "${value}"`);
  }
  return value;
}

const TENANT_CODE = /^[A-Z][A-Z0-9_]{1,31}$/;

/** @returns the tenant code that a flag was given */
export function tenantCode(flag: string, value: string): string {
  if (TENANT_CODE.test(value)) return value;
  throw usageError(
    `Give --${flag} a tenant code such as CU_DIGITAL (2 to 32 capital letters, digits and _): it is "${value}"`,
  );
}

/** @returns the name of a chain that a flag was given */
export function chainName(flag: string, value: string): string {
  if (/^(?:\d\d|catalog)$/.test(value)) return value;
  throw usageError(`Give --${flag} a chain such as 07 or catalog: it is "${value}"`);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** @returns the seconds of a span such as `90s`, `15m`, `12h`, `30d`, within the bounds */
export function spanSeconds(flag: string, value: string, bounds: { least: number; most: number }): number {
  const match = /^(\d{1,9})([smhd])$/.exec(value);
  const seconds = Number(match?.[1]) * (UNIT_SECONDS[match?.[2] ?? ''] ?? Number.NaN);
  if (seconds >= bounds.least && seconds <= bounds.most) return seconds;
  throw usageError(
    `Give --${flag} a span such as 90s, 15m, 12h or 30d, at most ${bounds.most / 86_400} days: it is "${value}"`,
  );
}
