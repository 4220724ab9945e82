import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { genesisHash } from '../core/chain/hash.ts';
import type { DynamoDb } from '../dynamodb/client.ts';
import { BODY_DICTIONARY } from './dictionary.ts';
import { createDynamoJournal } from './dynamodb-journal.ts';
import { commitOfItem, itemOfCommit } from './items.ts';
import { type Commit, JournalUnavailableError } from './port.ts';
import { sha256 } from './sha256.ts';

const commit: Commit = {
  tenantId: 'CU_A',
  chain: '07',
  firstSeq: 1,
  lastSeq: 1,
  prevHash: genesisHash('CU_A#chain#07', sha256),
  headHash: sha256('head'),
  body: '{"seq":1}',
  committedAt: '2025-01-01T00:00:00.000Z',
};

describe('an item of the journal', () => {
  it('is not unpacked beyond what a commit can hold', () => {
    const { body: _, ...item } = itemOfCommit(commit);
    const packed = (bytes: number) =>
      zstdCompressSync(Buffer.alloc(bytes, 'x'), { dictionary: Buffer.from(BODY_DICTIONARY) }).toString('base64');
    expect(commitOfItem({ ...item, zst: { B: packed(300 * 1024) } }).body).toHaveLength(300 * 1024);
    expect(packed(64 * 1024 * 1024).length).toBeLessThan(16 * 1024);
    expect(() => commitOfItem({ ...item, zst: { B: packed(64 * 1024 * 1024) } })).toThrow(RangeError);
  });

  it('is packed by the bytes of its body, whatever its characters', () => {
    expect(itemOfCommit({ ...commit, body: 'x'.repeat(800) })).toHaveProperty('body');
    expect(itemOfCommit({ ...commit, body: '漢'.repeat(300) })).toHaveProperty('zst');
  });

  it('is not taken for that of another chain, should an answer be another request’s', async () => {
    const client = { send: () => Promise.resolve({ Items: [itemOfCommit(commit)] }) } as unknown as DynamoDb;
    const journal = createDynamoJournal({ client, tableName: 'journal' });
    const own = { tenantId: 'CU_A', chain: '07' };
    const other = { tenantId: 'CU_B', chain: '07' };
    expect(await journal.lastCommit(own)).toEqual(commit);
    await expect(journal.lastCommit(other)).rejects.toThrow(JournalUnavailableError);
    await expect(journal.commitAt(other, 1)).rejects.toThrow('asked for "CU_B#chain#07", got "CU_A#chain#07"');
    await expect(Array.fromAsync(journal.read(other, { afterSeq: 0 }))).rejects.toThrow(JournalUnavailableError);
  });
});
