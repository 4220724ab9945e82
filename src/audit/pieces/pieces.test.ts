import { describe, expect, it, vi } from 'vitest';
import { audit, TenantUnknownError } from '../audit.ts';
import type { AuditResult } from '../result.ts';
import type { PlanSource } from '../source.ts';
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

describe('an audit of all tenants', () => {
  const WAYS = [
    ['in pieces', auditInPieces],
    ['at once', ({ source }: { source: PlanSource }) => audit({ source, waitMs: 0 })],
  ] as const;

  it.each(WAYS)('%s, names strangers in the views also while these are behind', async (_how, auditOf) => {
    const [one, other] = [openTestBank('CU_A').bank.items(), openTestBank('CU_B').bank.items()];
    const views = await projectViews([...one.slice(0, 1), ...other]);
    views.push({ pk: 'CU_C#account#acc_00_x', sk: 'account', doc: '{}' });
    const { tenants } = await auditOf({ source: memorySource({ journal: [...one, ...other], views }) });
    expect(tenants).toMatchObject([
      { tenantId: 'CU_A', views: { state: 'behind' } },
      { tenantId: 'CU_B', invariants: { TENANT_ISOLATION: { breaches: 0 } } },
      { tenantId: 'CU_C', invariants: { TENANT_ISOLATION: { breaches: 1 } } },
    ]);
  });

  it.each(WAYS)('%s, takes no tenant for a stranger that is created meanwhile', async (_how, auditOf) => {
    const source = await sourceOf(openTestBank('CU_A').bank, openTestBank('CU_B').bank);
    const tenants = vi.fn<PlanSource['tenants']>(source.tenants).mockResolvedValueOnce(['CU_A']);
    const found = await auditOf({ source: { ...source, tenants } });
    expect(found.tenants.map(({ tenantId }) => tenantId)).toEqual(['CU_A']);
    expect(found.invariants.TENANT_ISOLATION.breaches).toBe(0);
  });
});

describe('entries between pieces', () => {
  const piecesOf = async (bank: ReturnType<typeof openTestBank>['bank']) => {
    const source = await sourceOf(bank);
    const pieces = await planAudit({ source, tenantId: 'CU_TEST', eventsAPiece: 1 });
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
  const chainsOf = (pieces: readonly { pieces: readonly (readonly string[])[]; piece: number }[]) =>
    pieces.map(({ pieces: all, piece }) => all[piece]);

  it('makes one piece of a small tenant', async () => {
    const source = await sourceOf(busyBank().bank);
    expect(chainsOf(await planAudit({ source }))).toEqual([['00', '01', 'catalog']]);
  });

  /** A ledger whose chains are said to be so long. */
  async function longLedger(lengths: Record<string, readonly number[]>) {
    const source = await sourceOf(...Object.keys(lengths).map((tenantId) => openTestBank(tenantId).bank));
    return {
      ...source,
      lastItem: async (pk: string) => {
        const [tenantId = '', , chain = ''] = pk.split('#');
        return { sk: 0, last: chain === 'catalog' ? 5 : lengths[tenantId]?.[Number(chain)] };
      },
    };
  }

  it.each([
    ['the chains of a tenant of more than two hundred thousand events', [120_000, 80_000], [['00'], ['01', 'catalog']]],
    ['a chain that is long by itself from all others', [200_000, 1], [['00'], ['01', 'catalog']]],
    ['no chain of a tenant that has fewer', [120_000, 79_990], [['00', '01', 'catalog']]],
  ])('divides %s', async (_what, lengths, expected) => {
    expect(chainsOf(await planAudit({ source: await longLedger({ CU_A: lengths }) }))).toEqual(expected);
  });

  it('divides only the tenant that is larger than all the others together', async () => {
    const source = await longLedger({ CU_A: [10_000, 10_000], CU_B: [200_000, 200_000], CU_C: [20_000, 20_000] });
    const pieces = await planAudit({ source });
    expect(pieces.map(({ tenantId }) => tenantId)).toEqual(['CU_A', 'CU_B', 'CU_B', 'CU_C']);
    // One of them looks for what belongs to no tenant.
    expect(pieces.map(({ tenants }) => tenants)).toEqual([['CU_A', 'CU_B', 'CU_C'], undefined, undefined, undefined]);
    const one = await planAudit({ source, tenantId: 'CU_B' });
    expect(one.map(({ tenants }) => tenants)).toEqual([undefined, undefined]);
  });

  it('takes forty tenants, of whatever length, and no more', async () => {
    const tenantsOf = (count: number, events: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, number) => [`CU_${number}`, [events, events]]));
    const source = await longLedger({ ...tenantsOf(39, 1), CU_LARGE: [400_000, 400_000] });
    expect(await planAudit({ source })).toHaveLength(40);
    // Two pieces of each would be more than forty.
    expect(await planAudit({ source: await longLedger(tenantsOf(21, 600_000)) })).toHaveLength(21);
    await expect(planAudit({ source: await longLedger(tenantsOf(41, 1)) })).rejects.toThrow(
      'Cannot audit 41 tenants in one execution: name one tenant',
    );
  });

  it('looks twice at each head, and leaves each piece its share of what may pass from state to state', async () => {
    const source = await sourceOf(openTestBank().bank);
    const one = await planAudit({ source, tenantId: 'CU_TEST', eventsAPiece: 1 });
    for (const { looks, maxBytes } of one) {
      expect(looks['catalog']).toEqual([5, 5]);
      expect(maxBytes).toBeGreaterThan(65_000);
    }
    expect(one.reduce((sum, { maxBytes }) => sum + maxBytes, 0)).toBeLessThanOrEqual(205_000);
    // Who looks for items of no tenant has room for those.
    const [first, ...others] = await planAudit({ source, eventsAPiece: 1 });
    expect(first?.maxBytes).toBe((one[0]?.maxBytes ?? 0) + 12_000);
    expect(others.map(({ maxBytes }) => maxBytes)).toEqual(one.slice(1).map(({ maxBytes }) => maxBytes));
  });

  it('makes results that keep within it, whatever was found', async () => {
    const { bank, spending } = openTestBank();
    for (let number = 0; number < 60; number += 1) bank.post({ [spending]: -1_000_00, GL_CASH: 1_000_00 });
    const source = await sourceOf(bank);
    const pieces = await planAudit({ source, eventsAPiece: 1 });
    const [piece] = pieces;
    if (!piece) throw new Error('There is a piece');
    const found = await auditPiece({ ...piece, maxBytes: 4_000 }, { source, waitMs: 0 });
    expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(4_000);
    expect(found.invariants.ACCOUNT_CONSTRAINTS.breaches).toBe(60);
    expect(found.invariants.ACCOUNT_CONSTRAINTS.evidence.length).toBeGreaterThan(0);
  });
});
