import { expect, test } from 'vitest';
import type { AccountVerification } from '../../proof/verify-account-proof.ts';
import { proofLines } from './run-verify-evidence.ts';

const SOUND: AccountVerification = {
  tenant: 'CU_A',
  account: 'acc_00_a',
  at: '2025-01-31',
  keys: ['k'],
  digests: [1],
  kept: [],
  events: 73,
  balanceMinor: 12_345,
  currency: 'AUD',
  signedAt: '2026-01-01T00:00:03.000Z',
  firstDay: '2025-01-01',
  lastEventDay: '2025-01-31',
  lastDay: '2026-01-01',
};

test.each([
  [[1], '73 events, in digest 1 of 2026-'],
  [[1, 3], '73 events, in digests 1 and 3, the last of 2026-'],
  [[1, 2, 3], '73 events, in digests 1 to 3, the last of 2026-'],
  [[1, 2, 4, 7, 8, 9], '73 events, in digests 1, 2, 4 and 7 to 9, the last of 2026-'],
])('a proof on digests %j names these and no others', (digests, said) => {
  expect(proofLines({ ...SOUND, digests }).join('\n')).toContain(said);
});

test('a digest that was kept is confirmed', () => {
  expect(proofLines({ ...SOUND, digests: [1, 3], kept: [3] })).toContain('digest 3 is the one that was kept');
  expect(proofLines(SOUND).join()).not.toContain('was kept');
});

test('what a proof does not show is told: which events can be left out unseen', () => {
  const told =
    /^not shown by this alone: that no event .* was left out, the newest or some that add up to zero; an export/m;
  expect(proofLines(SOUND).join('\n')).toMatch(told);
});

test.each([
  [{ seq: 62 }, 'FAULT CU_A account acc_00_a chain 00 seq 62: Why'],
  [{ seq: 51, to: 62 }, 'FAULT CU_A account acc_00_a chain 00 between seq 51 and 62: Why'],
  [{}, 'FAULT CU_A account acc_00_a: Why'],
])('the place of a fault is told: %j', (place, said) => {
  const fault = { tenant: 'CU_A', chain: '00', reason: 'Why', ...place };
  expect(proofLines({ ...SOUND, fault })).toEqual([said]);
});
