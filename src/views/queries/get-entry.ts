import { fromMinor } from '../../contract/currency.ts';
import { eventIdOf } from '../../core/chain/hash.ts';
import { parseEntryId } from '../../core/ledger/entry-id.ts';
import { type Query, found, notFound } from './query.ts';
import { readEvents } from './read-events.ts';
import { defined } from './wire.ts';

/** An entry, from the journal: its id says where it stands. */
export const getEntry: Query<'getEntry'> = async ({ journal, sha256, tenant, tenantId }, { entryId }) => {
  const place = parseEntryId(entryId);
  const commit = place && (await journal.commitAt({ tenantId, chain: place.chain }, place.seq));
  const [hashed] = commit ? readEvents(commit, new Set([place.seq]), sha256) : [];
  const event = hashed?.event;
  // The whole id must be that of the event found: a place alone would answer to ids that nobody was ever given.
  if (!commit || !event || event.entityId !== entryId) return notFound('entry', entryId);
  if (event.type !== 'EntryPosted' && event.type !== 'FundsPosted') return notFound('entry', entryId);

  const { bookingDate, valueDate, currency, legs } = event.payload;
  const posted = event.type === 'EntryPosted' ? event.payload : undefined;
  return found({
    entryId,
    bookingDate,
    valueDate,
    currency,
    legs: legs.map(({ accountId, direction, amountMinor }) => ({
      accountId,
      direction,
      amount: fromMinor(amountMinor, tenant.currencyExponent),
    })),
    ...defined({ narrative: posted?.narrative, tags: posted?.tags, metadata: posted?.metadata }),
    commandId: event.causationId,
    eventId: eventIdOf(hashed.hash),
    chain: commit.chain,
    seq: event.seq,
    postedAt: commit.committedAt,
  });
};
