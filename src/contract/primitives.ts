import * as z from 'zod';
import { LIMITS } from './limits.ts';

/**
 * Text for people: no control characters, no line separators, no bidirectional overrides, which make a statement read as what
 * it is not, and no halves of characters (lone surrogates), which have no bytes in UTF-8 and would all hash alike.
 */
// The class is spelled out because the same pattern is published in openapi.json.
// oxlint-disable-next-line no-control-regex -- control characters are what this refuses
const PLAIN_TEXT = /^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]*$/u;

export const plainText = (maxLength: number = LIMITS.textLength) =>
  z.string().max(maxLength).regex(PLAIN_TEXT, {
    error: 'Expected whole characters, no control characters, no line separators and no bidirectional overrides',
  });

export const requiredText = (maxLength?: number) => plainText(maxLength).min(1);

export const tenantCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{1,31}$/, { error: 'Expected 2 to 32 characters A-Z, 0-9, _ beginning with a letter' })
  .meta({ description: 'Tenant code: upper case letters, digits and underscores.', example: 'CU_DIGITAL' });

export const productCode = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'Expected 1 to 64 characters A-Z, 0-9, _ beginning with a letter' })
  .meta({ example: 'TXN_ACCOUNT_BASIC' });

export const entityId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'Expected 1 to 64 characters A-Z, a-z, 0-9, _ or -' });

export const accountId = entityId.meta({
  description: 'A member account (`acc_<chain>_…`) or a general-ledger account (`GL_…`, exists implicitly).',
  example: 'acc_07_5f0c2f3c9d5e4b7a8c1d',
});

export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'Expected an ISO 4217 code of three upper case letters' })
  .meta({ description: 'ISO 4217 currency code.', example: 'AUD' });

export const isoDate = z.iso.date().meta({ description: 'ISO 8601 date.', example: '2025-01-03' });

/**
 * A date-time with seconds and an offset or Z, kept as sent: it becomes part of the hashed history. Its day, in any zone, and
 * what is reckoned from it have years of four digits, without which dates do not compare as texts.
 */
export const isoDateTime = z.iso
  .datetime({ offset: true })
  // Nanoseconds and an offset: it is written into every event of the command.
  .max(35)
  // What has no year at all is told so by its format.
  .refine((text) => !/^\d/.test(text) || /^(19|2\d)\d\d-/.test(text), { error: 'Expected a year from 1900 to 2999' })
  .meta({ example: '2025-01-01T00:00:00Z' });

/** Amount in the currency's major unit with at most its decimals; the ledger keeps minor units. */
export const positiveAmount = z
  .number()
  .positive()
  .meta({ description: 'Amount above 0, with no more decimals than the currency has.' });
export const amount = z
  .number()
  .nonnegative()
  .meta({ description: 'Amount of 0 or more, with no more decimals than the currency has.' });

const PRINTABLE_ASCII = /^[ -~]*$/;

/** Bytes of a text in UTF-8; neither the contract nor the gateway knows a platform with an encoder to ask. */
export function utf8Bytes(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** As PLAIN_TEXT, of several lines, whichever way they end. */
// oxlint-disable-next-line no-control-regex -- control characters are what this refuses
const NOTE = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]*$/u;

/** Looks level by level, without recursion: hostile nesting must not exhaust the stack. */
function isNestedWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return false;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return true;
}

/** Whether everything in a value is kept as it was sent: other numbers turn into `null` or round, other texts fool who reads them. */
function isKept(value: unknown): boolean {
  if (typeof value === 'string') return NOTE.test(value);
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, each]) => PLAIN_TEXT.test(name) && isKept(each));
}

export const metadata = z
  .record(z.string().max(LIMITS.tagKeyLength), z.unknown())
  .refine(
    (value) => isNestedWithin(value, LIMITS.metadataLevels) && utf8Bytes(JSON.stringify(value)) <= LIMITS.metadataBytes,
    {
      error: `Expected at most ${LIMITS.metadataBytes} bytes of JSON, nested at most ${LIMITS.metadataLevels} levels deep`,
      abort: true,
    },
  )
  .refine(isKept, {
    error:
      'Expected texts without control characters but tabs, line feeds and carriage returns, without line separators and bidirectional overrides, and whole numbers within ±(2^53 − 1)',
  })
  .meta({
    description: `Free additional context, at most ${LIMITS.metadataBytes} bytes as JSON. Numbers are doubles: send what needs more digits as text.`,
  });

export const tags = z
  .record(z.string().min(1).max(LIMITS.tagKeyLength).regex(PLAIN_TEXT), plainText(LIMITS.tagValueLength))
  .refine((value) => Object.keys(value).length <= LIMITS.tags, { error: `Expected at most ${LIMITS.tags} tags` })
  .meta({
    description:
      'Free text by key, at most 32. Conventions: category, channel (POS, ONLINE, NPP, BPAY, DIRECT_ENTRY, ATM, BRANCH), merchantMcc, counterparty, instrument (CASH).',
  });
