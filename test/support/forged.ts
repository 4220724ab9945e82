import type { CommandMark } from '../../src/contract/events.ts';
import { genesisHash, linkHash } from '../../src/core/chain/hash.ts';
import { lineOf } from '../../src/core/chain/line.ts';
import { type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import type { Commit } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import type { Draft } from './commits.ts';
import { uuidOf } from './ledger.ts';

/**
 * Makes the next commit of a chain as somebody would who has the tables and no scruples: one command, with its mark, ids in their
 * right form and right hashes. Only what it says is up to the caller.
 * @param draftsOf given the first seq and the key of the command, from which ids are made
 */
export function forgedCommit(
  ref: ChainRef,
  last: Commit | undefined,
  options: { type: CommandMark['type']; draftsOf: (place: { seq: number; key: string }) => readonly Draft[] },
): Commit {
  const prevHash = last?.headHash ?? genesisHash(fullChainName(ref), sha256);
  const firstSeq = (last?.lastSeq ?? 0) + 1;
  const key = sha256(`${fullChainName(ref)} ${firstSeq}`).slice(0, 32);
  const drafts = options.draftsOf({ seq: firstSeq, key });
  const causationId = uuidOf(key);
  const command = { type: options.type, key, digest: key, actor: 'FORGER', events: drafts.length };
  const lines = drafts.map((draft, index) => {
    const seq = firstSeq + index;
    // Type and payload go together in a draft.
    return lineOf({
      seq,
      ...draft,
      occurredAt: '2025-01-09T00:00:00Z',
      causationId,
      ...(index === 0 && { command }),
    });
  });
  return {
    ...ref,
    firstSeq,
    lastSeq: firstSeq + lines.length - 1,
    prevHash,
    headHash: lines.reduce((hash, line) => linkHash(hash, line, sha256), prevHash),
    body: lines.join('\n'),
    committedAt: '2026-01-01T00:00:00.000Z',
  };
}

/** An entry between two accounts of a chain as a command would leave it: amounts that need not fit each other. */
export function forgedEntry(
  { seq, key, chain }: { seq: number; key: string; chain: string },
  legs: readonly { accountId: string; deltaMinor: number; balanceMinor: number }[],
): Draft[] {
  const entryId = `ent_${chain}_${seq}_${key.slice(0, 12)}`;
  const day = '2025-01-09';
  return [
    {
      type: 'EntryPosted',
      entityId: entryId,
      payload: {
        bookingDate: day,
        valueDate: day,
        currency: 'AUD',
        legs: legs.map(({ accountId, deltaMinor }) => ({
          accountId,
          direction: deltaMinor < 0 ? 'CREDIT' : 'DEBIT',
          amountMinor: Math.abs(deltaMinor),
        })),
        narrative: 'Forged',
      },
    },
    ...legs.map(({ accountId, deltaMinor, balanceMinor }): Draft => ({
      type: 'AccountBalanceUpdated',
      entityId: accountId,
      payload: { entryId, valueDate: day, deltaMinor, balanceMinor },
    })),
  ];
}
