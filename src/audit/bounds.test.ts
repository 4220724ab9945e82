import { describe, expect, it } from 'vitest';
import type { ChainEvent } from '../contract/events.ts';
import { audit } from './audit.ts';
import { daysMaxFor } from './bounds.ts';
import { EVIDENCE_MAX, REASON_MAX_LENGTH } from './findings.ts';
import { createStatistics } from './statistics.ts';
import { openTestBank } from './testing/bank.ts';
import { memorySource } from './testing/memory-source.ts';

const DAY_MS = 86_400_000;
/** What a Lambda can answer. */
const ANSWER_MAX_BYTES = 6 * 1024 * 1024;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function entry(options: { category: string; day: number; amountMinor: number }): ChainEvent {
  const { category, day, amountMinor } = options;
  return {
    seq: 1,
    type: 'EntryPosted',
    entityId: 'ent_00_1_000000000000',
    occurredAt: '2025-01-03T00:00:00Z',
    causationId: '00000000-0000-4000-8000-000000000000',
    payload: {
      bookingDate: dateOf(day),
      valueDate: dateOf(day),
      currency: 'AUD',
      narrative: 'Test',
      tags: { category },
      legs: [
        { accountId: 'GL_A', direction: 'DEBIT', amountMinor },
        { accountId: 'GL_B', direction: 'CREDIT', amountMinor },
      ],
    },
  };
}

describe('the statistics', () => {
  it('name the 40 largest categories and count the others together, with the one that is called so', () => {
    const statistics = createStatistics();
    for (let number = 1; number <= 60; number += 1)
      statistics.event(entry({ category: `C${number}`, day: 0, amountMinor: number }));
    statistics.event(entry({ category: 'OTHER', day: 0, amountMinor: 1_000 }));
    const { byCategory, entries, volumeMinor } = statistics.result();
    expect(byCategory).toHaveLength(41);
    expect(byCategory.slice(0, 2)).toEqual([
      { category: 'C60', entries: 1, volumeMinor: 60 },
      { category: 'C59', entries: 1, volumeMinor: 59 },
    ]);
    expect(byCategory.at(-1)).toEqual({ category: 'OTHER', entries: 21, volumeMinor: 1_000 + 210 });
    expect(volumeMinor).toBe(1_000 + 1_830);
    expect(entries).toBe(61);
  });

  it('tell 3,700 days and one before them that sums up the earlier ones', () => {
    const statistics = createStatistics();
    for (let day = 0; day < 3_705; day += 1) {
      statistics.event(entry({ category: 'A', day, amountMinor: 2 }));
      statistics.moved({ productType: 'DEPOSIT', valueDate: dateOf(day), deltaMinor: 3 });
      statistics.moved({ productType: 'LOAN', valueDate: dateOf(day), deltaMinor: -1 });
    }
    const { byDay, balancesByDay } = statistics.result();
    expect(byDay).toHaveLength(3_701);
    expect(byDay.slice(0, 2)).toEqual([
      { date: dateOf(4), entries: 5, volumeMinor: 10, accepted: 0, refused: 0 },
      { date: dateOf(5), entries: 1, volumeMinor: 2, accepted: 0, refused: 0 },
    ]);
    expect(balancesByDay).toHaveLength(3_701);
    expect(balancesByDay.slice(0, 2)).toEqual([
      { date: dateOf(4), depositsMinor: 15, loansMinor: -5 },
      { date: dateOf(5), depositsMinor: 18, loansMinor: -6 },
    ]);
    expect(balancesByDay.at(-1)).toEqual({ date: dateOf(3_704), depositsMinor: 3 * 3_705, loansMinor: -3_705 });
    expect(statistics.result(3_705).byDay).toHaveLength(3_705);
  });

  it('stay small whatever clients name their categories and products and whenever they book', () => {
    const statistics = createStatistics();
    for (let number = 0; number < 30_000; number += 1) {
      const name = `${number} ${'\u{1F4B0}\u0001'.repeat(1_000)}`;
      statistics.event(entry({ category: name, day: number, amountMinor: 2 ** 52 - number }));
      statistics.moved({ productType: 'LOAN', valueDate: dateOf(number), deltaMinor: -(2 ** 52) });
      statistics.event({
        ...entry({ category: '', day: 0, amountMinor: 1 }),
        type: 'AccountOpened',
        payload: {
          customerId: '',
          productCode: name,
          productType: 'DEPOSIT',
          currency: 'AUD',
          floorMinor: 0,
          ceilingMinor: null,
        },
      });
    }
    const result = statistics.result();
    expect(bytesOf(result)).toBeLessThan(1024 * 1024);
    expect(result.byCategory).toHaveLength(41);
    expect(Object.keys(result.accountsByProduct)).toHaveLength(41);
    expect(Object.values(result.accountsByProduct).reduce((sum, accounts) => sum + accounts, 0)).toBe(30_000);
  });

  it('share an answer among its tenants', () => {
    expect([1, 5, 50].map(daysMaxFor)).toEqual([3_700, 3_700, 370]);
    const day = { date: '2025-01-01', entries: 10 ** 6, volumeMinor: 2 ** 60, accepted: 10 ** 6, refused: 10 ** 6 };
    const balances = { date: '2025-01-01', depositsMinor: -(2 ** 60), loansMinor: -(2 ** 60) };
    for (const tenants of [1, 5, 6, 50, 200])
      expect(tenants * daysMaxFor(tenants) * (bytesOf(day) + bytesOf(balances))).toBeLessThan(ANSWER_MAX_BYTES * 0.7);
  });
});

describe('the evidence', () => {
  it('stays small whatever the texts of damaged data hold', async () => {
    const { bank, spending } = openTestBank();
    const hostile = '\u{1F4B0}'.repeat(200_000);
    for (let number = 0; number < 2 * EVIDENCE_MAX; number += 1) {
      bank.reservations.push({ pk: `CU_TEST#${hostile}`, sk: number });
      const { events } = bank.post({ [spending]: -1, GL_CASH: 1 });
      Object.assign(events[0] ?? {}, { entityId: hostile });
    }
    const result = await audit({ source: memorySource({ journal: bank.items(), views: [] }), waitMs: 0 });
    expect(result.invariants.TENANT_ISOLATION.breaches).toBeGreaterThan(4 * EVIDENCE_MAX - 1);
    expect(bytesOf(result)).toBeLessThan(256 * 1024);
    const reasons = result.tenants[0]?.invariants.TENANT_ISOLATION.evidence.map(({ reason }) => reason) ?? [];
    expect(reasons).toHaveLength(EVIDENCE_MAX);
    for (const reason of reasons) {
      expect(reason.length).toBeLessThanOrEqual(REASON_MAX_LENGTH + 1);
      expect(reason.isWellFormed()).toBe(true);
    }
  });
});
