import type { ChainEvent, EventPayload, EventType } from '../../src/contract/events.ts';
import { genesisHash, linkHash } from '../../src/core/chain/hash.ts';
import { lineOf } from '../../src/core/chain/line.ts';
import { type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import type { Commit } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';

/** An event without its place in the chain. */
export type Draft = { [Type in EventType]: { type: Type; entityId: string; payload: EventPayload<Type> } }[EventType];

/** Chains of events that nobody decided on: also those that no ledger would write. Each list of drafts becomes one commit. */
export function commitsOfDrafts(ref: ChainRef, batches: readonly (readonly Draft[])[]): Commit[] {
  let hash = genesisHash(fullChainName(ref), sha256);
  let seq = 0;
  return batches.map((drafts) => {
    const prevHash = hash;
    const firstSeq = seq + 1;
    const lines = drafts.map((draft) => {
      seq += 1;
      const event = { seq, ...draft, occurredAt: '2025-01-01T00:00:00Z', causationId: 'test' } as ChainEvent; // type and payload go together in a draft
      return lineOf(event);
    });
    for (const line of lines) hash = linkHash(hash, line, sha256);
    return {
      ...ref,
      firstSeq,
      lastSeq: seq,
      prevHash,
      headHash: hash,
      body: lines.join('\n'),
      committedAt: '2026-01-01T00:00:00.000Z',
    };
  });
}

export const customer = (customerId = 'cust_00_a'): Draft => ({
  type: 'CustomerCreated',
  entityId: customerId,
  payload: {
    person: {
      firstName: 'A',
      lastName: 'B',
      dateOfBirth: '1990-01-01',
      email: 'a@example.com',
      mobile: '+61400000000',
    },
  },
});

export const opened = (accountId: string, terms: Partial<EventPayload<'AccountOpened'>> = {}): Draft => ({
  type: 'AccountOpened',
  entityId: accountId,
  payload: {
    customerId: 'cust_00_a',
    productCode: 'TXN',
    productType: 'DEPOSIT',
    currency: 'AUD',
    floorMinor: 0,
    ceilingMinor: null,
    ...terms,
  },
});

/** An entry with its effects: changes by account, and the balances after them. */
export function entry(
  entryId: string,
  changes: readonly { accountId: string; deltaMinor: number; balanceMinor: number }[],
  options: { valueDate?: string; metadata?: Record<string, unknown>; legs?: EventPayload<'EntryPosted'>['legs'] } = {},
): Draft[] {
  const { valueDate = '2025-01-03' } = options;
  const legs = changes.map(({ accountId, deltaMinor }) => ({
    accountId,
    direction: deltaMinor < 0 ? ('CREDIT' as const) : ('DEBIT' as const),
    amountMinor: Math.abs(deltaMinor),
  }));
  return [
    {
      type: 'EntryPosted',
      entityId: entryId,
      payload: {
        bookingDate: valueDate,
        valueDate,
        currency: 'AUD',
        narrative: 'Test',
        legs: options.legs ?? legs,
        ...(options.metadata && { metadata: options.metadata }),
      },
    },
    ...changes.map(({ accountId, deltaMinor, balanceMinor }): Draft => ({
      type: 'AccountBalanceUpdated',
      entityId: accountId,
      payload: { entryId, valueDate, deltaMinor, balanceMinor },
    })),
  ];
}
