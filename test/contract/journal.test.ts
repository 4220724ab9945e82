import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { genesisHash, linkHash } from '../../src/core/chain/hash.ts';
import { fullChainName } from '../../src/core/chain/name.ts';
import type { Commit, Journal, Reservation, TenantRegistry } from '../../src/journal/port.ts';
import { openReplica } from '../../src/journal/replica.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { JOURNAL_ENGINES, type JournalEngine } from '../support/journals.ts';

/** A commit of refusals, which need no state: `count` events after `previous`. */
function commitOn(
  chain: string,
  options: { tenantId?: string; previous?: Commit; count?: number; padding?: number; type?: string } = {},
): Commit {
  const { tenantId = 'CU_TEST', previous, count = 1, padding = 0 } = options;
  const firstSeq = (previous?.lastSeq ?? 0) + 1;
  const prevHash = previous?.headHash ?? genesisHash(fullChainName({ tenantId, chain }), sha256);
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      seq: firstSeq + index,
      type: options.type ?? 'CommandRefused',
      entityId: 'x'.repeat(padding),
      occurredAt: '',
      causationId: '',
      payload: {},
    }),
  );
  return {
    tenantId,
    chain,
    firstSeq,
    lastSeq: firstSeq + count - 1,
    prevHash,
    body: lines.join('\n'),
    headHash: lines.reduce((hash, line) => linkHash(hash, line, sha256), prevHash),
    committedAt: '2026-01-01T00:00:00.000Z',
  };
}

const reservation = (digest: string, tenantId = 'CU_TEST'): Reservation => ({
  tenantId,
  kind: 'email',
  digest,
  holder: 'cust_00_x',
});

async function readAll(journal: Journal, chain: string, afterSeq = 0): Promise<Commit[]> {
  return Array.fromAsync(journal.read({ tenantId: 'CU_TEST', chain }, { afterSeq }));
}

describe.each(Object.keys(JOURNAL_ENGINES))('journal on %s', (name) => {
  let engine: JournalEngine;
  let journal: Journal & TenantRegistry;
  beforeAll(async () => {
    engine = await (JOURNAL_ENGINES[name] ?? (() => Promise.reject(new Error(name))))();
    journal = engine.journal();
  });
  afterAll(() => engine.stop());

  it('gives back commits byte for byte, small ones and compressed ones, in order', async () => {
    const first = commitOn('00', { count: 2 });
    const second = commitOn('00', { previous: first, count: 40, padding: 300 });
    const third = commitOn('00', { previous: second });
    for (const commit of [first, second, third]) {
      expect(await journal.append({ commits: [commit], reservations: [] })).toEqual({ outcome: 'appended' });
    }
    expect(await readAll(journal, '00')).toEqual([first, second, third]);
    expect(await readAll(journal, '00', first.lastSeq)).toEqual([second, third]);
    expect(await readAll(journal, '00', third.lastSeq)).toEqual([]);
    expect(await journal.lastCommit({ tenantId: 'CU_TEST', chain: '00' })).toEqual(third);
    expect(await journal.commitAt({ tenantId: 'CU_TEST', chain: '00' }, 20)).toEqual(second);
    expect(await journal.commitAt({ tenantId: 'CU_TEST', chain: '00' }, 44)).toBeUndefined();
    expect(await journal.lastCommit({ tenantId: 'CU_TEST', chain: '15' })).toBeUndefined();
  });

  it('reads a chain of more than one page', async () => {
    let previous: Commit | undefined;
    for (let index = 0; index < 12; index += 1) {
      // 200 KB a commit, incompressible: the engine pages at 1 MB.
      const noise = Array.from({ length: 3200 }, (_, part) => sha256(`${index} ${part}`)).join('');
      const base = commitOn('01', { ...(previous && { previous }) });
      const body = base.body.replace('"entityId":""', `"entityId":"${noise}"`);
      const commit = { ...base, body, headHash: linkHash(base.prevHash, body, sha256) };
      await journal.append({ commits: [commit], reservations: [] });
      previous = commit;
    }
    const commits = await readAll(journal, '01');
    expect(commits.map((commit) => commit.firstSeq)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(commits.at(-1)).toEqual(previous);
  });

  it('lets one of many writers of the same seq win, and tells the others that the chain moved', async () => {
    const commits = Array.from({ length: 16 }, (_, index) => commitOn('02', { count: index + 1 }));
    const results = await Promise.all(
      commits.map((commit) => engine.journal().append({ commits: [commit], reservations: [] })),
    );
    expect(results.filter((result) => result.outcome === 'appended')).toHaveLength(1);
    expect(
      results.filter((result) => result.outcome === 'rejected' && result.movedChains[0]?.chain === '02'),
    ).toHaveLength(15);
    expect(await readAll(journal, '02')).toHaveLength(1);
  });

  it('appends to several chains all or nothing, naming those that moved', async () => {
    const standing = commitOn('04');
    await journal.append({ commits: [standing], reservations: [] });
    const result = await journal.append({
      commits: [commitOn('03'), commitOn('04'), commitOn('05')],
      reservations: [],
    });
    expect(result).toEqual({ outcome: 'rejected', movedChains: [{ tenantId: 'CU_TEST', chain: '04' }], taken: [] });
    expect(await readAll(journal, '03')).toEqual([]);
    expect(await readAll(journal, '05')).toEqual([]);
    await journal.append({
      commits: [commitOn('03'), commitOn('04', { previous: standing }), commitOn('05')],
      reservations: [],
    });
    expect(await readAll(journal, '03')).toHaveLength(1);
    expect(await readAll(journal, '04')).toHaveLength(2);
  });

  it('keeps reservations of a tenant apart from those of another, and writes nothing when one is taken', async () => {
    const first = commitOn('06');
    await journal.append({ commits: [first], reservations: [reservation('a'), reservation('b')] });
    const next = commitOn('06', { previous: first });
    expect(await journal.append({ commits: [next], reservations: [reservation('c'), reservation('b')] })).toEqual({
      outcome: 'rejected',
      movedChains: [],
      taken: [reservation('b')],
    });
    expect(await journal.append({ commits: [next], reservations: [reservation('c')] })).toEqual({
      outcome: 'appended',
    });
    const other = commitOn('06', { tenantId: 'CU_TEST2' });
    expect(await journal.append({ commits: [other], reservations: [reservation('a', 'CU_TEST2')] })).toEqual({
      outcome: 'appended',
    });
  });

  it('lists the tenants that were created, and no other', async () => {
    await journal.append({
      commits: [commitOn('catalog', { tenantId: 'CU_B', type: 'TenantCreated' })],
      reservations: [],
    });
    await journal.append({
      commits: [commitOn('catalog', { tenantId: 'CU_A', type: 'TenantCreated' })],
      reservations: [],
    });
    await journal.append({ commits: [commitOn('catalog', { tenantId: 'CU_REFUSED' })], reservations: [] });
    expect(await journal.tenants()).toEqual(['CU_A', 'CU_B']);
  });

  it('refuses an append of nothing or of more items than a transaction takes', async () => {
    const many = Array.from({ length: 100 }, (_, index) => reservation(`many ${index}`));
    await expect(journal.append({ commits: [], reservations: [] })).rejects.toThrow(RangeError);
    await expect(journal.append({ commits: [commitOn('07')], reservations: many })).rejects.toThrow(RangeError);
  });

  it('does not let a replica fold a commit that was changed', async () => {
    const honest = commitOn('08', { count: 3 });
    await journal.append({
      commits: [{ ...honest, body: honest.body.replace('"seq":2', '"seq":7') }],
      reservations: [],
    });
    const replica = openReplica(journal, { tenantId: 'CU_TEST', chain: '08' });
    await expect(replica.catchUp()).rejects.toThrow('does not hash to its head');
    expect(replica.seq).toBe(0);
  });
});

describe('journal on an engine that does not answer', () => {
  it('says that the outcome is unknown', async () => {
    const { createDynamoJournal } = await import('../../src/journal/dynamodb-journal.ts');
    const { createDynamoDb } = await import('../../src/dynamodb/client.ts');
    const { createServer } = await import('node:net');
    const server = createServer(() => {}).listen(0, '127.0.0.1'); // Takes connections and stays silent.
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const client = createDynamoDb({
      address: { endpoint: new URL(`http://127.0.0.1:${port}`), region: 'us-east-1' },
      credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
    });
    const silent = createDynamoJournal({ client, tableName: 'journal', timeoutMs: 200 });
    await expect(silent.append({ commits: [commitOn('00')], reservations: [] })).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
    });
    await expect(readAll(silent, '00')).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    client.close();
    server.close();
  });
});
