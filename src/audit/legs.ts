import type { EventLeg } from '../contract/events.ts';

/** @returns the sum of the debits in minor units, as near as a number can hold it */
export function sumOfDebits(legs: readonly EventLeg[]): number {
  let sumMinor = 0;
  for (const leg of legs) if (leg.direction === 'DEBIT') sumMinor += leg.amountMinor;
  return sumMinor;
}

/** @returns what the legs do to each account, all its legs taken together, in order of first appearance */
export function changesOf(legs: readonly EventLeg[]): Map<string, number> {
  const changes = new Map<string, number>();
  for (const { accountId, direction, amountMinor } of legs) {
    changes.set(accountId, (changes.get(accountId) ?? 0) + (direction === 'DEBIT' ? amountMinor : -amountMinor));
  }
  return changes;
}

/** @returns whether the legs add up to zero exactly */
export function isBalanced(legs: readonly EventLeg[]): boolean {
  let sumMinor = 0;
  let grossMinor = 0;
  for (const leg of legs) {
    sumMinor += leg.direction === 'DEBIT' ? leg.amountMinor : -leg.amountMinor;
    grossMinor += Math.abs(leg.amountMinor);
  }
  // Integers below 2^53 add exactly; should the gross sum leave that range, larger integers are used.
  if (grossMinor <= Number.MAX_SAFE_INTEGER) return sumMinor === 0;
  return (
    legs.reduce((sum, leg) => sum + BigInt(leg.direction === 'DEBIT' ? leg.amountMinor : -leg.amountMinor), 0n) === 0n
  );
}
