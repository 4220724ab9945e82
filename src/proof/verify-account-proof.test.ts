import { describe, expect, it } from 'vitest';
import { type SaidEvent, signedProof } from './testing/signed-proof.ts';
import { verifyAccountProof } from './verify-account-proof.ts';

const opened = (change: Partial<SaidEvent> = {}): SaidEvent => ({
  type: 'AccountOpened',
  occurredAt: '2025-01-01T00:00:00.000Z',
  payload: { currency: 'AUD' },
  ...change,
});
const updated = (deltaMinor: unknown, balanceMinor: unknown, valueDate: unknown = '2025-01-02'): SaidEvent => ({
  type: 'AccountBalanceUpdated',
  payload: { deltaMinor, balanceMinor, valueDate },
});
const faultOf = async (...proof: Parameters<typeof signedProof>) => {
  const { fault } = verifyAccountProof(await signedProof(...proof));
  return fault && `${fault.seq}: ${fault.reason}`;
};

describe('an account’s proof that is signed, whatever it says', () => {
  it('is held to what an event must say', async () => {
    expect(await faultOf([opened(), updated(500, 500)])).toBeUndefined();
    for (const currency of [undefined, 'aud', ['AUD']])
      expect(await faultOf([opened({ payload: { currency } })])).toBe('1: The event at seq 1 has no currency');
    expect(await faultOf([opened({ occurredAt: undefined })])).toBe('1: The event at seq 1 has no time');
    for (const amount of [updated(null, 0), updated(500, '500'), updated(500, 500, 20_250_102)])
      expect(await faultOf([opened(), amount])).toBe('2: The event at seq 2 has no amount');
  });

  it.each([
    ['one after the other', [1, 1, 2], [2, 3, 4], undefined],
    ['with others between them that no event rests on', [1, 1, 2], [7, 3, 4], undefined],
    ['a lower number for later events', [2, 1, 2], [1, 3, 4], 'undefined: Digest 1 does not follow digest 2'],
    ['a higher number for the same event again', [1, 1, 2], [2, 2, 4], 'undefined: Digest 2 does not follow digest 1'],
  ] as const)('is held to the order of its digests: %s', async (_what, first, second, fault) => {
    const events = [opened(), updated(500, 500), updated(30, 530), updated(-30, 500)];
    expect(await faultOf(events, [first, second])).toBe(fault);
  });

  it('does not show that none was left out of those that add up to zero, or move no money', async () => {
    const renamed = { type: 'AccountRenamed', payload: {} };
    const whole = await signedProof([opened(), updated(500, 500), updated(30, 530), renamed, updated(-30, 500)]);
    expect(verifyAccountProof(whole)).toMatchObject({ events: 5, balanceMinor: 500 });
    const without = verifyAccountProof({ ...whole, events: whole.events.toSpliced(2, 3) });
    expect(without).toMatchObject({ events: 2, balanceMinor: 500 });
    expect(without.fault).toBeUndefined();
  });
});
