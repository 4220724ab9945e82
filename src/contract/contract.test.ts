import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromMinor, toMinor } from './currency.ts';
import { commandEnvelope } from './envelope.ts';

// The payloads of the published contract, as they stand in its text.
const examples: { commandType: string; payload: unknown }[] = JSON.parse(
  readFileSync(new URL('../../test/fixtures/contract-payloads.json', import.meta.url), 'utf8'),
);
const envelope = {
  commandId: '7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f',
  tenantId: 'CU_DIGITAL',
  actor: { actorType: 'SYSTEM', actorId: 'TWIN_ORCHESTRATOR' },
  timestamp: '2025-01-01T00:00:00Z',
  idempotencyKey: 'seed-run-2025-01-cust-000123',
};

describe('commandEnvelope', () => {
  it.each(examples)('takes the contract’s own example of $commandType as it stands', ({ commandType, payload }) => {
    const input = { ...envelope, commandType, payload };
    expect(commandEnvelope.parse(input)).toEqual(input);
  });

  it('takes the envelope of the OpenAPI text, whose customer has a person only', () => {
    const person = {
      firstName: 'Jane',
      lastName: 'Smith',
      dateOfBirth: '1988-05-17',
      email: 'jane.smith@example.com',
      mobile: '+61400111222',
    };
    expect(
      commandEnvelope.safeParse({
        ...envelope,
        commandType: 'CreateCustomer',
        payload: { externalRef: 'CUST-000123', person },
      }).success,
    ).toBe(true);
  });

  it('gives the fields of an envelope back in the order of the schema, whatever theirs was', () => {
    const entry = examples.find((example) => example.commandType === 'PostEntry');
    const input = { ...envelope, commandType: 'PostEntry', payload: entry?.payload };
    const reversed = Object.fromEntries(Object.entries(input).reverse());
    expect(JSON.stringify(commandEnvelope.parse(reversed))).toBe(JSON.stringify(commandEnvelope.parse(input)));
  });
});

describe('toMinor', () => {
  it('turns every amount into minor units and back, or refuses it where a double cannot tell it from its neighbour', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: -1e12, max: 1e12 }), fc.maxSafeInteger()),
        fc.constantFrom(0, 2, 3),
        (amountMinor, exponent) => {
          // Through the text, as the wire carries it.
          const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
          const text = `${amountMinor < 0 ? '-' : ''}${digits.slice(0, digits.length - exponent)}.${digits.slice(digits.length - exponent)}0`;
          const amount = JSON.parse(text) as number;
          const ambiguous =
            fromMinor(amountMinor - 1, exponent) === amount || fromMinor(amountMinor + 1, exponent) === amount;
          expect(toMinor(amount, exponent)).toBe(ambiguous ? undefined : amountMinor);
          expect(ambiguous && Math.abs(amountMinor) < 2 ** 52).toBe(false);
          expect(fromMinor(amountMinor, exponent)).toBe(amount);
        },
      ),
    );
  });

  it('refuses every amount with one decimal too many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), fc.integer({ min: 1, max: 9 }), (minor, digit) => {
        const text = `${(minor / 100).toFixed(2)}${digit}`;
        expect(toMinor(JSON.parse(text) as number, 2)).toBeUndefined();
      }),
    );
  });

  it('takes the last exact integer and nothing beyond', () => {
    expect(toMinor(2 ** 53 - 1, 0)).toBe(2 ** 53 - 1);
    expect(toMinor(-(2 ** 53) + 1, 0)).toBe(-(2 ** 53) + 1);
    expect(toMinor(2 ** 53, 0)).toBeUndefined();
  });

  it.each([2 ** 53 / 100, 1e300, 0.005, 1.005, 0.1 + 0.2])('refuses %d', (amount) => {
    expect(toMinor(amount, 2)).toBeUndefined();
  });
});
