import { expect, test } from 'vitest';
import { twinConfig } from './config.ts';

test('fills in the defaults: 30 days that hold a month end', () => {
  expect(twinConfig({ runId: 'r' })).toMatchObject({
    tenantId: 'CU_DIGITAL',
    seed: '42',
    members: 500,
    days: 30,
    start: '2025-01-02',
  });
});

test('takes a number for a seed, and leaves what is undefined to its default', () => {
  expect(twinConfig({ runId: 'r', seed: 7 }).seed).toBe('7');
  // A caller without type checks may hand over undefined.
  expect(twinConfig(JSON.parse('{"runId":"r"}')).members).toBe(500);
});

test.each([
  [{ members: 0 }, /"members"/],
  [{ members: 75_001 }, /"members"/],
  [{ days: 1.5 }, /"days"/],
  [{ workers: 17 }, /"workers"/],
  [{ fraudRate: 1.1 }, /"fraudRate"/],
  [{ start: '2025-02-30' }, /"start"/],
  [{ start: '1 May' }, /"start"/],
  [{ runId: '' }, /"runId"/],
  [{ seed: '' }, /"seed"/],
  [{ seed: 'x'.repeat(65) }, /"seed"/],
])('refuses %j', (setting, message) => {
  expect(() => twinConfig({ runId: 'r', ...setting })).toThrow(message);
});
