import { Buffer } from 'node:buffer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { genesisHash, linkHash } from '../../src/core/chain/hash.ts';
import { chainsOf, fullChainName } from '../../src/core/chain/name.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { PublicKeys } from '../../src/proof/keys.ts';
import { readDigest } from '../../src/proof/read-digest.ts';
import type { Digest } from '../../src/proof/port.ts';
import type { LedgerClient } from '../../src/sdk/client.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { makeDigest, publicKeysOf } from '../support/digests.ts';
import { move } from '../support/ledger.ts';
import { type Member, openBank } from './support/bank.ts';
import { entityOf, submit, submitBatch } from './support/submit.ts';

const tenantId = 'CU_TEST';
const path = { tenantId };
/** More than the fewest lines whose answer would be too large. */
const LARGE_ENTRIES = 900;

let cloud: TestCloud;
let ledger: LedgerClient;
let member: Member;
let chain: string;
const made: Digest[] = [];

beforeAll(async () => {
  cloud = await startTestCloud();
  ledger = cloud.ledger();
  [member = { customerId: '', accountId: '' }] = await openBank(ledger, { tenantId, members: 5 });
  chain = member.accountId.slice(4, 6);
  for (const name of ['first', 'second', 'third']) {
    await submitBatch(
      ledger,
      tenantId,
      [1, 2, 3].map((index) => move('GL_SALARY', member.accountId, index, { id: `${name} ${index}` })),
    );
    made.push(await makeDigest(cloud.cloud, tenantId));
  }
});
afterAll(() => cloud.stop());

async function linesOf(name: string, query: { afterSeq?: number; limit?: number } = {}) {
  const { data, response } = await ledger.GET('/tenants/{tenantId}/chains/{chain}/lines', {
    params: { path: { tenantId, chain: name }, query },
  });
  if (!data) throw new Error(`Expected lines, got ${response.status}`);
  return data;
}

describe('the lines of a chain', () => {
  it('are those that were hashed: they lead to the head', async () => {
    for (const name of chainsOf(16)) {
      const { lines, head, nextAfterSeq } = await linesOf(name);
      const first = genesisHash(fullChainName({ tenantId, chain: name }), sha256);
      const last = lines.reduce((hash, line) => linkHash(hash, line, sha256), first);
      expect({ seq: lines.length, hash: last, nextAfterSeq }).toEqual({ ...head, nextAfterSeq: null });
    }
  });

  it('come in pieces of any length, also from the middle of a commit', async () => {
    const { lines, head } = await linesOf(chain);
    expect(lines.length).toBeGreaterThan(12);
    for (let afterSeq = 0; afterSeq <= lines.length; afterSeq += 1)
      for (const limit of [1, 2, 5]) {
        const end = Math.min(afterSeq + limit, lines.length);
        expect(await linesOf(chain, { afterSeq, limit })).toEqual({
          chain,
          lines: lines.slice(afterSeq, end),
          head,
          nextAfterSeq: end < lines.length ? end : null,
        });
      }
    expect(await linesOf(chain, { afterSeq: 10_000 })).toEqual({ chain, lines: [], head, nextAfterSeq: null });
  });

  it('need the right to see everything', async () => {
    const headers = { authorization: `Bearer ${await cloud.token({ rights: ['queries'] })}` };
    const answer = await cloud.send({ method: 'GET', path: `/v1/tenants/${tenantId}/chains/00/lines`, headers });
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('compliance');
  });

  it.each([
    ['chains/77/lines', 404],
    ['chains/7/lines', 400],
    ['chains/catalog%23/lines', 400],
    ['chains/00/lines?limit=1001', 400],
    ['chains/00/lines?afterSeq=-1', 400],
    ['digests/0', 400],
    ['digests/01', 400],
    ['digests/100000000', 400],
    ['digests/x', 400],
    ['digests/4', 404],
    ['digests?limit=0', 400],
  ])('or a digest that there cannot be are refused: %s', async (what, status) => {
    const headers = { authorization: `Bearer ${await cloud.token()}` };
    expect((await cloud.send({ method: 'GET', path: `/v1/tenants/${tenantId}/${what}`, headers })).status).toBe(status);
  });
});

describe('digests', () => {
  it('are listed, newest first, in pages', async () => {
    const list = async (query: { limit?: number; offset?: number }) =>
      (await ledger.GET('/tenants/{tenantId}/digests', { params: { path, query } })).data;
    const all = made.toReversed().map(({ number, statement, key }) => {
      return { number, at: JSON.parse(statement).at, sha256: sha256(statement), key };
    });
    expect(await list({})).toEqual({ digests: all, total: 3, limit: 50, offset: 0 });
    expect(await list({ limit: 2, offset: 1 })).toEqual({ digests: all.slice(1), total: 3, limit: 2, offset: 1 });
    expect(await list({ offset: 3 })).toMatchObject({ digests: [], total: 3 });
    expect(await list({ offset: 1_000_000 })).toMatchObject({ digests: [], total: 3 });
  });

  it('are given whole, to be checked by their texts alone', async () => {
    for (const { number } of made) {
      const { data } = await ledger.GET('/tenants/{tenantId}/digests/{number}', {
        params: { path: { tenantId, number } },
      });
      const [publicKey = ''] = publicKeysOf(cloud.cloud);
      expect(data).toMatchObject({ number, publicKey, sha256: sha256(data?.statement ?? '') });
      const { statement = '', signature = '', heads = [], periods = [] } = data ?? {};
      const texts = { statement, signature: Buffer.from(signature, 'base64'), heads, periods };
      const keys = new PublicKeys([publicKey]);
      const read = readDigest(texts, { tenant: tenantId, number, keys });
      expect(read).toMatchObject({ statement: { number } });
    }
  });
});

// Last, for it makes the chain long.
describe('many large lines', () => {
  it('come in answers that a function can give', { timeout: 60_000 }, async () => {
    const metadata = { note: '"\\'.repeat(900) };
    const entries = Array.from({ length: LARGE_ENTRIES }, (_, index) =>
      move('GL_SALARY', member.accountId, 1, { id: `large ${index}`, change: { metadata } }),
    );
    for (let at = 0; at < entries.length; at += 300)
      for (const result of await submitBatch(ledger, tenantId, entries.slice(at, at + 300))) entityOf(result);
    await submit(ledger, move('GL_SALARY', member.accountId, 1, { id: 'after the large ones' }));

    const token = await cloud.token();
    const [lines, sizes]: [string[], number[]] = [[], []];
    let afterSeq: number | null = 0;
    while (afterSeq !== null) {
      const { text } = await cloud.send({
        method: 'GET',
        path: `/v1/tenants/${tenantId}/chains/${chain}/lines?afterSeq=${afterSeq}`,
        headers: { authorization: `Bearer ${token}` },
      });
      const page: { lines: string[]; nextAfterSeq: number | null } = JSON.parse(text);
      lines.push(...page.lines);
      // As a function's answer, whose body is a text in JSON.
      sizes.push(Buffer.byteLength(JSON.stringify(text)));
      afterSeq = page.nextAfterSeq;
    }
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(LIMITS.chainLinesBytes + 100_000);
    expect(Math.max(...sizes)).toBeGreaterThan(LIMITS.chainLinesBytes / 2);
    const { head } = await linesOf(chain, { limit: 1 });
    const first = genesisHash(fullChainName({ tenantId, chain }), sha256);
    expect(lines.reduce((hash, line) => linkHash(hash, line, sha256), first)).toBe(head.hash);
  });
});
