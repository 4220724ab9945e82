import fc from 'fast-check';
import type { OpenApiDocument, Schema } from '../support/json-schema.ts';

/** Text that code is known to stumble over. */
export const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\u202e',
  '\ud800',
  '💸',
  'é',
  'e\u0301',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-0',
  '1e3',
  "'; DROP TABLE",
  '${7*7}',
  '<script>',
  '../../etc/passwd',
  '%00',
  'CU_TEST#chain#00',
  'a'.repeat(300),
];
export const ODD_NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  0.005,
  1.005,
  1e-7,
  2 ** 31,
  2 ** 45,
  2 ** 53 - 1,
  2 ** 53,
  90_071_992_547_409.91,
  1e21,
  1e308,
  -1e308,
];
const ODD_DATES = [
  '0000-01-01',
  '0001-01-01',
  '9999-12-31',
  '2024-02-29',
  '2023-02-29',
  '2025-13-01',
  '2025-1-1',
  '2025-01-01T00:00:00Z',
];
const ODD_TIMES = [
  '9999-12-31T23:59:59-23:59',
  '0000-01-01T00:00:00+23:59',
  '2025-01-01T00:00Z',
  '2025-01-01t00:00:00z',
  '2025-01-01T24:00:00Z',
  '2025-06-30T23:59:60Z',
  '2025-01-01T00:00:00',
  '2025-01-01T00:00:00.123456789+11:00',
];

/** What no schema has asked for. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, ...ODD_NUMBERS, ...ODD_TEXTS),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 20, max: 2_000 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
);

/**
 * Turns schemas of an OpenAPI document into arbitraries of what they describe.
 * @param options.odd whether values at the edges and beyond are among them, where code is known to stumble
 */
export function schemaArbitraries(
  document: OpenApiDocument,
  options: { odd: boolean },
): (schema: Schema) => fc.Arbitrary<unknown> {
  const { odd } = options;
  const named = new Map<string, fc.Arbitrary<unknown>>();

  function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
    return schema.nullable ? fc.oneof({ weight: 3, arbitrary: plain(schema) }, fc.constant(null)) : plain(schema);
  }

  function plain(schema: Schema): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined) return reference(schema.$ref.replace('#/components/schemas/', ''));
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return fc.oneof(...choices.map(arbitraryOf));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case 'object':
        return objectOf(schema);
      case 'array':
        return fc.array(arbitraryOf(schema.items ?? {}), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 4, (schema.minItems ?? 0) + 3),
        });
      case 'string':
        return textOf(schema, odd);
      case 'integer':
        return fc.integer({
          min: Math.max(schema.minimum ?? -1_000, -(2 ** 31)),
          max: Math.min(schema.maximum ?? 100_000, 2 ** 31 - 1),
        });
      case 'number':
        return amountOf(schema, odd);
      case 'boolean':
        return fc.boolean();
      case undefined:
        return odd ? anyJson : fc.jsonValue({ maxDepth: 2 });
      default:
        return schema.type satisfies never;
    }
  }

  function reference(name: string): fc.Arbitrary<unknown> {
    let arbitrary = named.get(name);
    const schema = document.components.schemas[name];
    if (!schema) throw new Error(`Cannot find schema "${name}"`);
    if (!arbitrary) {
      arbitrary = arbitraryOf(schema);
      named.set(name, arbitrary);
    }
    return arbitrary;
  }

  function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
    const fixed = fc.record(
      Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, arbitraryOf(each)])),
      { requiredKeys: required },
    );
    if (typeof additionalProperties !== 'object') return fixed;
    const free = fc.dictionary(
      odd ? fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(...ODD_TEXTS)) : fc.stringMatching(/^[a-z]{1,8}$/),
      arbitraryOf(additionalProperties),
      { maxKeys: 3 },
    );
    return fc.tuple(fixed, free).map(([known, more]) => ({ ...more, ...known }));
  }

  return arbitraryOf;
}

function amountOf({ minimum = -1_000, maximum = 1_000_000 }: Schema, odd: boolean): fc.Arbitrary<number> {
  const most = odd ? 1e6 : 100;
  const cents = fc
    .integer({ min: Math.ceil(Math.max(minimum, -most) * 100), max: Math.floor(Math.min(maximum, most) * 100) })
    .map((value) => value / 100);
  return odd ? fc.oneof({ weight: 3, arbitrary: cents }, fc.constantFrom(...ODD_NUMBERS)) : cents;
}

function textOf({ format, pattern, minLength = 0, maxLength = 40 }: Schema, odd: boolean): fc.Arbitrary<string> {
  const usual = usualText({ format, pattern, minLength, maxLength });
  if (!odd) return usual;
  const edges = ['a'.repeat(maxLength), 'a'.repeat(maxLength + 1)];
  const oddTexts = format === 'date' ? ODD_DATES : format === 'date-time' ? ODD_TIMES : [...ODD_TEXTS, ...edges];
  return fc.oneof({ weight: 12, arbitrary: usual }, fc.constantFrom(...oddTexts));
}

function usualText(schema: {
  format: string | undefined;
  pattern: string | undefined;
  minLength: number;
  maxLength: number;
}): fc.Arbitrary<string> {
  const { format, pattern, minLength, maxLength } = schema;
  const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true });
  switch (format) {
    case 'date':
      return day.map((date) => date.toISOString().slice(0, 10));
    case 'date-time':
      return day.map((date) => date.toISOString());
    case 'uuid':
      return fc.uuid();
    case 'email':
      return fc.integer({ min: 0, max: 1e9 }).map((number) => `fuzz${number}@example.com`);
    default:
      // A negated class alone says: any text but some characters.
      return pattern === undefined || pattern.startsWith('^[^')
        ? fc.string({ minLength, maxLength: Math.min(maxLength, 40), unit: 'grapheme' })
        : fc.stringMatching(new RegExp(pattern));
  }
}
