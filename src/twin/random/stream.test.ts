import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandIdOf } from './command-id.ts';
import { exponential, Stream } from './stream.ts';

const name = { seed: '1', tenantId: 'CU_DIGITAL', member: 3, purpose: 'test' };
const draw = (stream: Stream, count: number) => Array.from({ length: count }, () => stream.unit());

test('equal names give equal streams, a difference in any part another one', () => {
  const reference = draw(new Stream(name), 20);
  expect(draw(new Stream(name), 20)).toEqual(reference);
  for (const other of [{ seed: '2' }, { tenantId: 'CU_SMALL' }, { member: 4 }, { purpose: 'text' }]) {
    expect(draw(new Stream({ ...name, ...other }), 20)).not.toEqual(reference);
  }
});

test('draws stay within their bounds', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -5, max: 5 }), fc.nat(1_000), (seed, least, span) => {
      const stream = new Stream({ ...name, seed });
      const whole = stream.int(least, least + span);
      expect(whole).toBeGreaterThanOrEqual(least);
      expect(whole).toBeLessThanOrEqual(least + span);
      const unit = stream.unit();
      expect(unit).toBeGreaterThanOrEqual(0);
      expect(unit).toBeLessThan(1);
    }),
  );
});

test('has the distributions it promises', () => {
  const stream = new Stream(name);
  const normals = Array.from({ length: 40_000 }, () => stream.normal());
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length;
  const variance = normals.reduce((sum, value) => sum + value * value, 0) / normals.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  const prices = Array.from({ length: 40_001 }, () => stream.logNormal(50, 0.7)).toSorted(
    (left, right) => left - right,
  );
  expect(prices[20_000]).toBeGreaterThan(48.5);
  expect(prices[20_000]).toBeLessThan(51.5);
  const picks = Array.from(
    { length: 40_000 },
    () =>
      stream.weighted([
        { is: 'a', weight: 3 },
        { is: 'b', weight: 1 },
      ]).is,
  );
  expect(picks.filter((pick) => pick === 'a').length / picks.length).toBeCloseTo(0.75, 1);
});

test('the exponential is exact arithmetic, and near enough', () => {
  for (const x of [-3, -1, 0, 0.245, 1, 3]) expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(0.0015);
  expect(exponential(1)).toBe(2.7179500811896298);
});

test('command ids are UUIDs of version 8 that depend on tenant and key alone', () => {
  const ids = new Set<string>();
  for (let index = 0; index < 500; index += 1) ids.add(commandIdOf('CU_DIGITAL', `key ${index}`));
  expect(ids.size).toBe(500);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(commandIdOf('CU_DIGITAL', 'key 1')).toBe(commandIdOf('CU_DIGITAL', 'key 1'));
  expect(commandIdOf('CU_SMALL', 'key 1')).not.toBe(commandIdOf('CU_DIGITAL', 'key 1'));
});
