import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventPayload } from '../../contract/events.ts';
import type { Account } from '../account/account.ts';
import { decidePostEntry } from './post-entry.ts';

const tenant = {
  tenantCode: 'CU_A',
  displayName: 'A',
  region: 'AU',
  baseCurrency: 'AUD',
  currencyExponent: 2,
  timeZone: 'Australia/Sydney',
  chains: 16,
};
const plain: Account = {
  customerId: 'cust_00_a',
  currency: 'AUD',
  status: 'ACTIVE',
  balanceMinor: 0,
  floorMinor: 0,
  ceilingMinor: null,
  maturesOn: undefined,
  openedBy: undefined,
};
const term: Account = {
  ...plain,
  balanceMinor: 100_000,
  floorMinor: 100_000,
  maturesOn: '2025-07-01',
  openedBy: 'opening',
};

type Legs = [accountId: string, amountMinor: number][];

/** Posts legs given as account and signed amount: above 0 a debit. */
function post(
  legs: Legs,
  options: { accounts?: Record<string, Account>; entry?: Partial<EventPayload<'EntryPosted'>>; ledger?: number } = {},
) {
  const { accounts = {}, entry = {}, ledger = 0 } = options;
  return decidePostEntry(
    {
      commandId: 'c',
      occurredAt: '2025-01-31T00:00:00Z',
      actor: 'SYSTEM:X',
      key: '0123456789abcdef0123456789abcdef',
      digest: 'd',
      type: 'PostEntry',
      payload: {
        entry: {
          bookingDate: '2025-01-31',
          valueDate: '2025-01-31',
          currency: 'AUD',
          narrative: 'n',
          legs: legs.map(([accountId, amount]) => ({
            accountId,
            direction: amount > 0 ? 'DEBIT' : 'CREDIT',
            amountMinor: Math.abs(amount),
          })),
          ...entry,
        },
        closes: [],
      },
    },
    { tenant, home: '00', nextSeq: () => 1, account: (_, id) => accounts[id], ledgerBalanceMinor: () => ledger },
  );
}

describe('decidePostEntry', () => {
  it('keeps an account within its terms to the last cent', () => {
    const accounts = { acc_00_a: { ...plain, balanceMinor: 50, floorMinor: -10, ceilingMinor: 100 } };
    const outcome = (amount: number) => {
      const decision = post(
        [
          ['acc_00_a', amount],
          ['GL_X', -amount],
        ],
        { accounts },
      );
      return decision.outcome === 'refused' ? decision.error : decision.outcome;
    };
    expect([outcome(-60), outcome(-61), outcome(50), outcome(51), outcome(1)]).toEqual([
      'accepted',
      'InsufficientFunds',
      'accepted',
      'MaximumBalanceExceeded',
      'accepted',
    ]);
    const full = { acc_00_a: { ...plain, balanceMinor: 100, ceilingMinor: 100 } };
    expect(
      post(
        [
          ['acc_00_a', 1],
          ['GL_X', -1],
        ],
        { accounts: full },
      ),
    ).toMatchObject({ error: 'MaximumBalanceExceeded' });
  });

  it('lets money leave a term deposit by booking date only, or back whole to where it came from, naming its opening', () => {
    const accounts = { acc_00_t: term, acc_00_a: plain };
    const whole: Legs = [
      ['acc_00_t', -100_000],
      ['GL_OPENING_DEPOSITS', 100_000],
    ];
    const reverses = (id: unknown) => ({ entry: { metadata: { reverses: id } }, accounts });
    expect(post(whole, reverses('opening')).outcome).toBe('accepted');
    for (const decision of [
      post(whole, { accounts }),
      post(whole, reverses('another')),
      post(whole, reverses('')),
      post(
        [
          ['acc_00_t', -40_000],
          ['GL_OPENING_DEPOSITS', 40_000],
        ],
        reverses('opening'),
      ),
      post(
        [
          ['acc_00_t', -100_000],
          ['acc_00_a', 100_000],
        ],
        reverses('opening'),
      ),
      post(whole, { accounts, entry: { valueDate: '2099-01-01' } }),
    ]) {
      expect(decision).toMatchObject({ error: 'TermNotMatured' });
    }
    const late = {
      accounts: { acc_00_t: { ...term, floorMinor: 0 } },
      entry: { bookingDate: '2025-07-01', valueDate: '2025-07-01' },
    };
    expect(
      post(
        [
          ['acc_00_t', -1],
          ['GL_X', 1],
        ],
        late,
      ).outcome,
    ).toBe('accepted');
  });

  it('refuses what integers cannot hold, and never rounds on the way', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const accounts = { acc_00_a: { ...plain, balanceMinor: most - 1, floorMinor: -most } };
    expect(
      post(
        [
          ['acc_00_a', 1],
          ['GL_X', -1],
        ],
        { accounts },
      ).outcome,
    ).toBe('accepted');
    expect(
      post(
        [
          ['acc_00_a', 2],
          ['GL_X', -2],
        ],
        { accounts },
      ),
    ).toMatchObject({ error: 'BalanceOutOfRange' });
    // Up and down again: the end would be in range, the way is not.
    const tour: Legs = [
      ['acc_00_a', most],
      ['acc_00_a', -most],
      ['GL_X', 1],
      ['GL_X', -1],
    ];
    expect(post(tour, { accounts })).toMatchObject({ error: 'BalanceOutOfRange' });
    // The order of the list: an unknown account comes before sums out of range.
    expect(
      post([
        ['acc_00_z', most],
        ['GL_X', most],
        ['GL_Y', -most],
        ['GL_Z', -most],
      ]),
    ).toMatchObject({ error: 'AccountUnknown' });
  });

  it('moves exactly what the legs say, whatever their number and order, and sums to zero', () => {
    const leg = fc.tuple(
      fc.constantFrom('acc_00_a', 'acc_00_b', 'GL_X', 'GL_Y'),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).filter((amount) => amount !== 0),
    );
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 30 }), (some) => {
        const rest = -some.reduce((sum, [, amount]) => sum + amount, 0);
        const legs: Legs = rest === 0 ? some : [...some, ['GL_Z', rest]];
        const rich = { ...plain, balanceMinor: 1_000_000_000 };
        const decision = post(legs, { accounts: { acc_00_a: rich, acc_00_b: rich }, ledger: 7 });
        if (decision.outcome !== 'accepted') throw new Error(decision.error);
        const deltas = new Map<string, number>();
        for (const event of decision.events) {
          if (event.type !== 'AccountBalanceUpdated') continue;
          expect(deltas.has(event.entityId)).toBe(false);
          deltas.set(event.entityId, event.payload.deltaMinor);
          const before = event.entityId.startsWith('GL_') ? 7 : 1_000_000_000;
          expect(event.payload.balanceMinor).toBe(before + event.payload.deltaMinor);
        }
        const expected = new Map<string, number>();
        for (const [accountId, amount] of legs) expected.set(accountId, (expected.get(accountId) ?? 0) + amount);
        expect(deltas).toEqual(expected);
        expect([...deltas.values()].reduce((sum, delta) => sum + delta, 0)).toBe(0);
      }),
    );
  });

  it('finds any imbalance, even beyond what a number can tell', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(
      post([
        ['GL_X', most],
        ['GL_Y', most],
        ['GL_Z', -most],
        ['GL_W', -(most - 1)],
      ]),
    ).toMatchObject({
      error: 'EntryUnbalanced',
      details: { debitsMinor: '18014398509481982', creditsMinor: '18014398509481981' },
    });
  });
});
