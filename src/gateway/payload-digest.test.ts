import {
  array,
  assert,
  constantFrom,
  dictionary,
  double,
  jsonValue,
  option,
  property,
  record,
  string,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../contract/envelope.ts';
import { sha256 } from '../journal/sha256.ts';
import { inOrder, payloadDigest } from './payload-digest.ts';

const some = <Value>(value: Parameters<typeof option<Value>>[0]) => option(value, { nil: undefined });
const payloads = record(
  {
    bookingDate: string(),
    valueDate: string(),
    currency: string(),
    legs: array(record({ accountId: string(), direction: constantFrom('DEBIT', 'CREDIT'), amount: double() })),
    narrative: string(),
    tags: some(dictionary(string(), string())),
    metadata: some(dictionary(string(), jsonValue())),
    closes: some(array(string())),
  },
  { requiredKeys: ['bookingDate', 'valueDate', 'currency', 'legs', 'narrative'] },
);
const envelopeOf = (payload: object) => ({ commandType: 'PostEntry', payload }) as unknown as CommandOf<'PostEntry'>;

/** The digest as the page on the journal format tells it. */
function digestOf(payload: unknown): string {
  const json = JSON.stringify(payload, (_name, value: unknown) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
  return sha256(`PostEntry\n${json}`).slice(0, 32);
}

/** The same with the fields of every object the other way round. */
function reversed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  const turned = Object.entries(value).toReversed();
  return Object.fromEntries(turned.map(([name, each]) => [name, reversed(each)]));
}

describe('payloadDigest', () => {
  it('is of the payload with sorted fields', () => {
    assert(property(payloads, (payload) => payloadDigest(envelopeOf(payload), sha256) === digestOf(payload)));
  });

  it('does not hang on the order in which fields came, at any depth', () => {
    assert(
      property(payloads, (payload) => {
        expect(payloadDigest(envelopeOf(reversed(payload) as object), sha256)).toBe(
          payloadDigest(envelopeOf(payload), sha256),
        );
      }),
    );
    const metadata = { b: [{ z: 1, a: { y: 2, x: 3 } }], a: null };
    expect(JSON.stringify(inOrder(metadata))).toBe('{"a":null,"b":[{"a":{"x":3,"y":2},"z":1}]}');
  });
});
