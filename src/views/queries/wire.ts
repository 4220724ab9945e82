import { fromMinor } from '../../contract/currency.ts';

const SUFFIX = 'Minor';

/** Turns an object of an event into its form on the wire: `monthlyFeeMinor: 500` becomes `monthlyFee: 5`, at any depth. */
export function toWire(value: object, exponent: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => {
      if (name.endsWith(SUFFIX)) {
        return [name.slice(0, -SUFFIX.length), typeof field === 'number' ? fromMinor(field, exponent) : field];
      }
      const nested = typeof field === 'object' && field !== null && !Array.isArray(field);
      return [name, nested ? toWire(field, exponent) : field];
    }),
  );
}

/** Turns an exact sum of minor units, of any size, into the double that is nearest to the amount. */
export function sumToWire(sumMinor: bigint, exponent: number): number {
  // Reading a decimal text rounds once. A double of the sum, divided, would be rounded twice.
  return Number(`${sumMinor}e-${exponent}`);
}

/** Leaves out what is undefined: on the wire an absent field is absent. */
export function defined<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }; // only undefined ones are gone
}
