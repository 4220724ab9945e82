import type { CommandEnvelope, CommandOf } from '../contract/envelope.ts';
import type { Sha256 } from '../core/chain/hash.ts';

/**
 * Digests what a command asks for, 32 hex digits: the same for two texts of the same payload, whatever the order of their
 * fields, so that a repeat is told from another command with the same key.
 */
export function payloadDigest(envelope: CommandEnvelope, sha256: Sha256): string {
  const payload = envelope.commandType === 'PostEntry' ? entryInOrder(envelope.payload) : inOrder(envelope.payload);
  return sha256(`${envelope.commandType}\n${JSON.stringify(payload)}`).slice(0, 32);
}

type Payload = CommandOf<'PostEntry'>['payload'];
/** Every field, so that none can be forgotten here when the contract gets a new one. */
type Fields<Value> = { [Field in keyof Required<Value>]: unknown };

/** What `inOrder` gives, for the command that comes most often: its fields need no sorting, only the free records do. */
function entryInOrder(payload: Payload): Fields<Payload> {
  const { bookingDate, closes, currency, legs, metadata, narrative, tags, valueDate } = payload;
  return {
    bookingDate,
    closes,
    currency,
    legs: legs.map(({ accountId, amount, direction }): Fields<Payload['legs'][number]> => ({
      accountId,
      amount,
      direction,
    })),
    metadata: inOrder(metadata),
    narrative,
    tags: inOrder(tags),
    valueDate,
  };
}

/** @returns the value with the fields of every object in the order of their names */
export function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, each]) => [name, inOrder(each)]));
}
