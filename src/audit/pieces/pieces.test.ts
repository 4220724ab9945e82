import { describe, expect, it } from 'vitest';
import { audit, TenantUnknownError } from '../audit.ts';
import type { AuditResult } from '../result.ts';
import { openTestBank } from '../testing/bank.ts';
import { auditInPieces } from '../testing/in-pieces.ts';
import { memorySource, projectViews } from '../testing/memory-source.ts';
import { joinAudits, pairsOf } from './join.ts';
import { auditPair } from './pair.ts';
import { auditPiece } from './piece.ts';
import { planAudit } from './plan.ts';

async function sourceOf(...banks: ReturnType<typeof openTestBank>['bank'][]) {
  const journal = banks.flatMap((bank) => bank.items());
  return memorySource({ journal, views: await projectViews(journal) });
}

/** A bank in which the entries between chains are many, closures and both directions among them. */
function busyBank(tenantId?: string) {
  const opened = openTestBank(tenantId);
  const { bank, spending, saver, other } = opened;
  bank.post({ [other]: -7_00, [spending]: 7_00 });
  bank.post({ [other]: -3_00, [spending]: 1_00, [saver]: 2_00 }, { entry: { valueDate: '2025-02-01' } });
  bank.post({ [other]: 22_00, [saver]: -22_00 }, { closes: [saver] });
  return opened;
}

/** Without what hangs on the clock, or counts the rows of all tenants. */
function timeless({ tenants, ...result }: AuditResult) {
  return { ...result, tenants: tenants.map(({ views, ...tenant }) => ({ ...tenant, views: views.state })) };
}

describe('an audit in pieces', () => {
  it('of a ledger in order finds and counts the very same', async () => {
    const source = await sourceOf(busyBank().bank);
    expect(timeless(await auditInPieces({ source }))).toEqual(timeless(await audit({ source, waitMs: 0 })));
  });

  it('of several tenants too, and of strangers', async () => {
    const [one, other] = [busyBank('CU_A').bank, openTestBank('CU_B').bank];
    other.reservations.push({ pk: 'CU_C#chain#00', sk: 1 });
    const source = await sourceOf(one, other);
    const found = await auditInPieces({ source });
    expect(timeless(found)).toEqual(timeless(await audit({ source, waitMs: 0 })));
    expect(found.tenants.map(({ tenantId }) => tenantId)).toEqual(['CU_A', 'CU_B', 'CU_C']);
  });

  it('refuses a tenant that does not exist', async () => {
    const source = await sourceOf(openTestBank().bank);
    await expect(auditInPieces({ source, tenantId: 'CU_NONE' })).rejects.toThrow(TenantUnknownError);
  });
});

describe('entries between pieces', () => {
  const piecesOf = async (bank: ReturnType<typeof openTestBank>['bank']) => {
    const source = await sourceOf(bank);
    const { pieces } = await planAudit({ source, tenantId: 'CU_TEST', eventsAPiece: 1 });
    const audits = [];
    for (const piece of pieces) audits.push(await auditPiece(piece, { source, waitMs: 0 }));
    return { source, audits };
  };

  it('are not read again where both pieces tell the same', async () => {
    const { audits } = await piecesOf(busyBank().bank);
    expect(audits.map(({ pieces, piece }) => pieces[piece])).toEqual([['00'], ['01'], ['catalog']]);
    expect(audits[0]?.out[0]).toMatchObject({ with: 1, legs: 1, events: 1 });
    expect(audits[0]?.in[0]).toMatchObject({ with: 1, legs: 4, events: 5 });
    expect(pairsOf(audits)).toEqual([]);
  });

  it('are, two pieces together, where one half is missing, and what is found says where', async () => {
    const { bank, spending, other } = busyBank();
    bank.post({ [spending]: -2_00, [other]: 2_00 });
    bank.chain('01').pop();
    const { source, audits } = await piecesOf(bank);
    const pairs = pairsOf(audits);
    const [pair] = pairs;
    if (!pair) throw new Error('Two pieces differ');
    expect(pairs).toMatchObject([{ tenantId: 'CU_TEST', pieces: [0, 1], chains: [['00'], ['01']] }]);
    const found = await auditPair(pair, source);
    expect(found.invariants.BALANCED_ENTRIES).toMatchObject({
      breaches: 1,
      evidence: [
        { chain: '00', reason: expect.stringMatching(/but no AccountBalanceUpdated on that account/) as unknown },
      ],
    });
    expect(joinAudits(audits, [found]).tenants[0]?.invariants.BALANCED_ENTRIES.breaches).toBe(2);
    // Nor does it go unseen when nobody reads the pair.
    expect(joinAudits(audits, []).tenants[0]?.invariants.BALANCED_ENTRIES.breaches).toBe(1);
  });
});

describe('a plan', () => {
  it('gives neighbouring chains to one piece as long as they are short', async () => {
    const source = await sourceOf(busyBank().bank);
    const { pieces } = await planAudit({ source });
    expect(pieces.map(({ pieces: all }) => all)).toEqual([[['00', '01', 'catalog']]]);
    const two = await planAudit({ source, eventsAPiece: 45 });
    expect(two.pieces.map(({ piece }) => piece)).toEqual([0, 1]);
  });

  it('looks twice at each head, and leaves each piece its share of what may pass from state to state', async () => {
    const source = await sourceOf(openTestBank().bank);
    const { pieces } = await planAudit({ source, eventsAPiece: 1 });
    for (const { looks, maxBytes } of pieces) {
      expect(looks['catalog']).toEqual([5, 5]);
      expect(maxBytes).toBe(50_000);
    }
  });

  it('makes results that keep within it, whatever was found', async () => {
    const { bank, spending } = openTestBank();
    for (let number = 0; number < 60; number += 1) bank.post({ [spending]: -1_000_00, GL_CASH: 1_000_00 });
    const source = await sourceOf(bank);
    const { pieces } = await planAudit({ source, eventsAPiece: 1 });
    const [piece] = pieces;
    if (!piece) throw new Error('There is a piece');
    const found = await auditPiece({ ...piece, maxBytes: 4_000 }, { source, waitMs: 0 });
    expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(4_000);
    expect(found.invariants.ACCOUNT_CONSTRAINTS.breaches).toBe(60);
    expect(found.invariants.ACCOUNT_CONSTRAINTS.evidence.length).toBeGreaterThan(0);
  });
});
