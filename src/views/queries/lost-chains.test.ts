import { describe, expect, it } from 'vitest';
import { genesisHash } from '../../core/chain/hash.ts';
import { sha256 } from '../../journal/sha256.ts';
import { initialCursor } from '../projection/cursor.ts';
import { lostChains } from './lost-chains.ts';

const [here, other] = [sha256('here'), sha256('other')];
const none = initialCursor({ tenantId: 'CU_TEST', chain: '03' }, sha256);
const seen = { ...none, seq: 112, hash: here, committedAt: '2026-01-02T03:04:05.000Z' };
const lost = (head: { seq: number; hash: string }, cursor = seen) =>
  lostChains(new Map([['03', cursor]]), [{ chain: '03', ...head }]);

describe('a chain and what the monitor has seen of it', () => {
  it.each([
    ['is at its head', { seq: 112, hash: here }],
    ['is behind its head, which moved after the cursor was read', { seq: 113, hash: other }],
  ])('is in order where the monitor %s', (_name, head) => {
    expect(lost(head)).toEqual([]);
  });

  it('is in order without events, with a cursor or without', () => {
    const empty = { seq: 0, hash: genesisHash('CU_TEST#chain#03', sha256) };
    expect(lost(empty, none)).toEqual([]);
    expect(lostChains(new Map(), [{ chain: '03', ...empty }])).toEqual([]);
  });

  it.each([
    ['ends before it', { seq: 82, hash: other }, /cut off/],
    ['has lost all its events', { seq: 0, hash: other }, /cut off/],
    ['has another hash there', { seq: 112, hash: other }, /rewritten/],
  ])('is lost where it %s', (_name, head, reason) => {
    expect(lost(head)).toEqual([
      {
        HASH_CHAIN: {
          count: 1,
          last: {
            chain: '03',
            seq: 112,
            at: seen.committedAt,
            reason: expect.stringMatching(reason) as unknown,
            evidence: { checkedHash: here, headSeq: head.seq, headHash: other },
          },
        },
      },
    ]);
  });
});
