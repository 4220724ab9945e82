import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChainEvent } from '../../contract/events.ts';
import { parseLine } from '../../core/chain/line.ts';
import type { ChainRef } from '../../core/chain/name.ts';
import { RememberedCommands } from '../../core/chain/remembered.ts';
import { evolveChain, type HeldChainState, initialChainState } from '../../core/chain/state.ts';
import type { Commit } from '../port.ts';
import { decodeSnapshot, encodeSnapshot, openManifest, sealManifest, SNAPSHOT_VERSION } from './codec.ts';
import { contentsOf, keyOf, openMonth, refOf, TENANT } from './testing/month.ts';

const { chains } = await openMonth();

function fold(state: HeldChainState, commits: readonly Commit[]): HeldChainState {
  for (const { body } of commits) for (const line of body.split('\n')) evolveChain(state, parseLine(line));
  return state;
}

function saveAndLoad(ref: ChainRef, state: HeldChainState): HeldChainState {
  const { manifest, pieces } = encodeSnapshot(ref, { seq: 1, hash: 'f'.repeat(64) }, state);
  return decodeSnapshot(openManifest(sealManifest(manifest), ref), pieces);
}

describe('a snapshot', () => {
  it('leaves the fold as it is: events folded before it, and those after it, give what all of them give', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (which, where) => {
        const { ref, commits } = chains[which % chains.length]!;
        const cut = where % (commits.length + 1);
        const loaded = saveAndLoad(ref, fold(initialChainState(), commits.slice(0, cut)));
        expect(contentsOf(fold(loaded, commits.slice(cut)))).toEqual(contentsOf(fold(initialChainState(), commits)));
      }),
    );
  });

  it('keeps both generations of commands apart, so that they are forgotten when they would have been', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat({ max: 200 }), (capacity, count) => {
        const state: HeldChainState = { ...initialChainState(), commands: new RememberedCommands(capacity) };
        for (let seq = 1; seq <= count; seq += 1)
          state.commands.set(keyOf(`key ${seq}`), { digest: keyOf(`digest ${seq}`), seq, events: seq % 7 });
        const { manifest, pieces } = encodeSnapshot(refOf('00'), { seq: 1, hash: '' }, state);
        const loaded = decodeSnapshot(manifest, pieces);
        expect(contentsOf(loaded)).toEqual(contentsOf(state));
        for (let seq = 1; seq <= count; seq += 1)
          expect(loaded.commands.get(keyOf(`key ${seq}`))).toEqual(state.commands.get(keyOf(`key ${seq}`)));
        const next = { digest: keyOf(''), seq: count + 1, events: 1 };
        for (let more = 0; more <= capacity; more += 1)
          for (const { commands } of [state, loaded]) commands.set(keyOf(`more ${more}`), next);
        expect(contentsOf(loaded)).toEqual(contentsOf(state));
      }),
      { numRuns: 50 },
    );
  });

  it('shares full pieces of commands with the snapshot before it', () => {
    const state = initialChainState();
    const grow = (to: number) => {
      for (let seq = 1; seq <= to; seq += 1)
        state.commands.set(keyOf(`key ${seq}`), { digest: keyOf(''), seq, events: 1 });
      return encodeSnapshot(refOf('00'), { seq: to, hash: '' }, state);
    };
    const first = grow(20_000);
    const second = grow(30_000);
    expect(first.manifest.young.length).toBe(3);
    expect(second.manifest.young.slice(0, 2)).toEqual(first.manifest.young.slice(0, 2));
    expect(Math.max(...[...second.pieces.values()].map((bytes) => bytes.length))).toBeLessThan(400_000 - 1_000);
  });

  // When this fails, what a snapshot holds has changed, in form or in meaning: raise SNAPSHOT_VERSION and put what there is now
  // here. Snapshots of the version before are then ignored.
  it('is of a version that says how events are folded and what is written of it', () => {
    const state = initialChainState();
    for (const event of EVERY_EVENT) evolveChain(state, event);
    const rows = Object.entries(contentsOf(state)).map(([name, table]) => [
      name,
      table instanceof Map ? [...(table as Map<string, unknown>)] : table,
    ]);
    const folded = createHash('sha256').update(JSON.stringify(rows)).digest('hex');
    const { manifest, pieces } = encodeSnapshot(refOf('00'), { seq: 11, hash: 'f'.repeat(64) }, state);
    const written = [
      Object.keys(manifest),
      manifest.young,
      manifest.tables.map((digest) => gunzipSync(pieces.get(digest)!).toString()),
    ];
    const digest = createHash('sha256').update(JSON.stringify(written)).digest('hex');
    expect({ version: SNAPSHOT_VERSION, folded, written: digest }).toEqual({
      version: 2,
      folded: 'c8610786a7ec7cf7c50b0259e27df2d8d022931fa8c6e520dd3915c3ca8d188d',
      written: 'dadbbdd15a796e0847445fb2ade3cf15b788faec271c070d4870ff077fb5dfbb',
    });
  });
});

/** One of each type of events at least, on one chain as no ledger would have them. */
const EVERY_EVENT = (
  [
    ['TenantCreated', TENANT, { tenantCode: TENANT, displayName: 'Test', chains: 16 }],
    ['ProductCreated', 'TXN', { productCode: 'TXN', name: 'Everyday', status: 'ACTIVE' }],
    ['ProductUpdated', 'TXN', { productCode: 'TXN', name: 'Every day', status: 'WITHDRAWN' }],
    [
      'CustomerCreated',
      'cust_00_a',
      {
        person: { firstName: 'Jane' },
        employment: { annualIncomeMinor: 8_500_000 },
        riskProfile: { creditScore: 720 },
      },
    ],
    [
      'AccountOpened',
      'acc_00_a',
      { customerId: 'cust_00_a', productCode: 'TXN', currency: 'AUD', floorMinor: -5, ceilingMinor: null },
    ],
    [
      'AccountOpened',
      'acc_00_b',
      { customerId: 'cust_00_a', currency: 'AUD', floorMinor: 0, ceilingMinor: 9, maturesOn: '2025-07-01' },
    ],
    ['LoanFacilityCreated', 'acc_00_a', { customerId: 'cust_00_a', principalMinor: 100, termMonths: 12, rate: 0.1 }],
    ['FundsPosted', 'ent_00_8', { accountId: 'acc_00_a', legs: [] }],
    ['AccountBalanceUpdated', 'acc_00_a', { entryId: 'ent_00_8', deltaMinor: 7, balanceMinor: 7 }],
    ['AccountBalanceUpdated', 'GL_CASH', { entryId: 'ent_00_8', deltaMinor: -7, balanceMinor: -7 }],
    ['EntryPosted', 'ent_00_11', { legs: [] }],
    ['AccountClosed', 'acc_00_b', { entryId: 'ent_00_11' }],
    ['CommandRefused', 'refused', { error: 'EmailTaken', details: {} }],
  ] as const
).map(([type, entityId, payload], index) => {
  const command = { type: 'PostEntry', key: keyOf(type), digest: keyOf(entityId), actor: 'SYSTEM:TEST', events: 1 };
  const event = { seq: index + 1, type, entityId, occurredAt: '', causationId: `cause ${index}`, command, payload };
  return event as unknown as ChainEvent; // with the fields that are folded
});
