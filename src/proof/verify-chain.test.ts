import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bankMonth } from '../../test/support/bank-month.ts';
import type { Commit } from '../journal/port.ts';
import { rootOf } from './merkle.ts';
import { type ChainPoint, verifyChain } from './verify-chain.ts';

const CHAIN = 'CU_TEST#chain#00';
const GENESIS = createHash('sha256').update(CHAIN).digest('hex');

let lines: string[];
/** The heads of all commits. */
let heads: ChainPoint[];
let commits: Commit[];
beforeAll(async () => {
  const { journal, members } = await bankMonth({ members: 8, entries: 120 });
  const chain = members[0]!.accountId.slice(4, 6);
  commits = await Array.fromAsync(journal.read({ tenantId: 'CU_TEST', chain }, { afterSeq: 0 }));
  // The chain that the others of these tests are compared with: the lines of a real one, hashed from another name.
  lines = commits.flatMap(({ body }) => body.split('\n'));
  let hash = GENESIS;
  heads = [];
  for (const [index, line] of lines.entries()) {
    hash = createHash('sha256')
      .update(hash + line)
      .digest('hex');
    if (commits.some(({ lastSeq }) => lastSeq === index + 1)) heads.push({ seq: index + 1, hash });
  }
});

const bytesOf = (some: readonly string[]) => Buffer.from(some.map((line) => `${line}\n`).join(''));
const verify = (some: readonly string[], options: { points?: ChainPoint[]; chain?: string } = {}) =>
  verifyChain({ chain: CHAIN, lines: [bytesOf(some)], points: heads, ...options });
const head = () => heads.at(-1)!;
const boundsOf = (seq: number) => {
  const at = heads.findIndex((point) => point.seq >= seq);
  return { first: (heads[at - 1]?.seq ?? 0) + 1, last: heads[at]!.seq };
};

describe('verifyChain', () => {
  it('finds a whole chain to be what it was', async () => {
    expect(await verify(lines)).toEqual(head());
    expect(await verify(lines, { points: [head()] })).toEqual(head());
    expect(await verify([], { points: [] })).toEqual({ seq: 0, hash: GENESIS });
    expect(await verify([], { points: [{ seq: 0, hash: GENESIS }] })).toEqual({ seq: 0, hash: GENESIS });
  });

  it('verifies the chains of the journal as they are', async () => {
    const [{ tenantId, chain } = { tenantId: '', chain: '' }] = commits;
    const points = commits.map(({ lastSeq, headHash }) => ({ seq: lastSeq, hash: headHash }));
    expect(await verify(lines, { chain: `${tenantId}#chain#${chain}`, points })).toEqual(points.at(-1));
  });

  it('takes the bytes in pieces of any length', async () => {
    const whole = bytesOf(lines);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }), async (lengths) => {
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const length of lengths) pieces.push(whole.subarray(at, (at += length)));
        pieces.push(whole.subarray(at));
        const before = Buffer.from(whole);
        expect(await verifyChain({ chain: CHAIN, lines: pieces, points: heads })).toEqual(head());
        expect(whole.equals(before)).toBe(true);
      }),
    );
  });

  it('finds any byte that was changed, to the commit it stands in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, where, change) => {
        const seq = 1 + (which % lines.length);
        const bytes = Buffer.from(lines[seq - 1]!);
        const position = where % bytes.length;
        bytes[position]! ^= change;
        const changed = [bytesOf(lines.slice(0, seq - 1)), bytes, Buffer.from('\n'), bytesOf(lines.slice(seq))];
        const { fault } = await verifyChain({ chain: CHAIN, lines: changed, points: heads });
        const { first, last } = boundsOf(seq);
        expect(fault?.seq).toBeGreaterThanOrEqual(first);
        expect(fault?.seq).toBeLessThanOrEqual(last + 1);
        // With its head alone the chain tells that it was changed, but not where.
        const { fault: blurred } = await verifyChain({ chain: CHAIN, lines: changed, points: [head()] });
        expect(blurred?.reason).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('names the lines of a changed narrative', async () => {
    const seq = lines.findIndex((line) => line.includes('"narrative":"Test"')) + 1;
    const { first, last } = boundsOf(seq);
    const changed = lines.map((line, index) => (index === seq - 1 ? line.replace('"Test"', '"Best"') : line));
    expect((await verify(changed)).fault).toEqual({
      seq: first,
      to: last,
      reason: 'The lines do not give the hash in the head',
    });
  });

  it('finds a line that was dropped, put in twice or put elsewhere', async () => {
    expect((await verify(lines.toSpliced(9, 1))).fault).toEqual({
      seq: 10,
      reason: 'Line 10 does not begin with its number',
    });
    expect((await verify(lines.toSpliced(9, 0, lines[8]!))).fault).toEqual({
      seq: 10,
      reason: 'Line 10 does not begin with its number',
    });
    expect((await verify(lines.toSpliced(9, 2, lines[10]!, lines[9]!))).fault).toMatchObject({ seq: 10 });
    expect((await verify(lines.slice(1))).fault).toMatchObject({ seq: 1 });
  });

  it('finds a line that was taken out and the others numbered anew', async () => {
    const renumbered = lines.toSpliced(9, 1).map((line, index) => line.replace(/^\{"seq":\d+/, `{"seq":${index + 1}`));
    expect((await verify(renumbered)).fault).toMatchObject({ seq: boundsOf(10).first });
  });

  it('finds a tail that was cut off, at a line’s end or within one', async () => {
    const cut = lines.slice(0, -2);
    expect((await verify(cut)).fault).toEqual({
      seq: boundsOf(cut.length).first,
      to: cut.length + 1,
      reason: `The chain is cut off: it ends at seq ${cut.length}, the head stands at seq ${head().seq}`,
    });
    expect((await verify([])).fault).toMatchObject({ seq: 1 });
    const { fault } = await verifyChain({ chain: CHAIN, lines: [bytesOf(lines).subarray(0, -1)], points: heads });
    expect(fault).toEqual({
      seq: lines.length,
      reason: 'The last line is cut off: no newline ends it',
    });
  });

  it('finds lines behind the head', async () => {
    const longer = [...lines, lines.at(-1)!.replace(/^\{"seq":\d+/, `{"seq":${lines.length + 1}`)];
    expect((await verify(longer)).fault).toEqual({
      seq: lines.length + 1,
      reason: `The chain goes on after its head at seq ${lines.length}`,
    });
    expect((await verify(lines, { points: [] })).fault).toMatchObject({ seq: 1 });
  });

  it('finds a chain that stands under another’s name', async () => {
    expect((await verify(lines, { chain: 'CU_TEST#chain#15' })).fault).toEqual({
      seq: 1,
      reason: 'The lines do not give the hash in the head',
    });
    const { fault } = await verify([], { chain: 'CU_TEST#chain#15', points: [{ seq: 0, hash: GENESIS }] });
    expect(fault).toMatchObject({ seq: 1, reason: 'The lines do not give the hash in the head' });
  });

  it('finds a suffix that was rewritten and hashed anew, by a point that was written down before', async () => {
    const from = heads[Math.floor(heads.length / 2)]!;
    const rewritten = lines.map((line, index) => (index >= from.seq ? line.replace('Test', 'Best') : line));
    let hash = GENESIS;
    for (const line of rewritten)
      hash = createHash('sha256')
        .update(hash + line)
        .digest('hex');
    const after = heads.find(({ seq }) => seq > from.seq)!;
    expect((await verify(rewritten, { points: [{ seq: lines.length, hash }] })).fault).toBeUndefined();
    expect((await verify(rewritten, { points: [after, { seq: lines.length, hash }] })).fault).toBeDefined();
  });

  it('holds the lines against the roots that were signed of them', async () => {
    const hashes: string[] = [];
    for (const line of lines) {
      const before = hashes.at(-1) ?? GENESIS;
      hashes.push(
        createHash('sha256')
          .update(before + line)
          .digest('hex'),
      );
    }
    const point = (from: number, to: number, first = from) => ({
      seq: to,
      hash: hashes[to - 1]!,
      by: `digest ${to}`,
      root: rootOf(hashes.slice(first - 1, to)),
    });
    const { root: _, ...unknown } = point(9, 11);
    const points = [point(1, 7), point(8, 8), unknown, point(12, 20)];
    expect((await verify(lines.slice(0, 20), { points })).fault).toBeUndefined();
    expect((await verify(lines, { points })).fault).toMatchObject({ seq: 21 });
    for (const [at, wrong] of [point(1, 7, 2), point(8, 8, 7), unknown, point(12, 20, 13)].entries()) {
      if (wrong === unknown) continue;
      const first = (points[at - 1]?.seq ?? 0) + 1;
      expect((await verify(lines, { points: points.with(at, wrong) })).fault).toEqual({
        seq: first,
        ...(wrong.seq > first && { to: wrong.seq }),
        reason: `The lines do not give the root in digest ${wrong.seq}`,
      });
    }
  });

  it('finds what is no line at all', async () => {
    expect((await verify(['{}', ...lines.slice(1)])).fault).toMatchObject({
      seq: 1,
      reason: 'Line 1 does not begin with its number',
    });
    expect((await verify(['', ...lines])).fault).toMatchObject({ seq: 1 });
    const endless = Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, 'x'));
    expect((await verifyChain({ chain: CHAIN, lines: endless, points: heads })).fault).toMatchObject({
      seq: 1,
      reason: 'Line 1 is longer than any event',
    });
  });

  it('does not verify by points in disorder', async () => {
    await expect(verify(lines, { points: heads.toReversed() })).rejects.toThrow(RangeError);
  });
});
