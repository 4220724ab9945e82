import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SequenceFunctions, speedUpSequences } from './sequences.ts';

const original = createRequire(import.meta.url)('kinesalite/db') as SequenceFunctions;
const faster = speedUpSequences({ ...original });

/** A result, or the error's message. */
function outcome<Value>(run: () => Value): { value: Value } | { error: string } {
  try {
    return { value: run() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

const parts = fc.record(
  {
    shardCreateTime: fc.integer({ min: 0, max: 16_025_175_000_000 }),
    shardIx: fc.integer({ min: 0, max: 2_147_483_647 }),
    seqIx: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String)),
    seqTime: fc.integer({ min: 1, max: 16_025_175_000_000 }),
    version: fc.constantFrom(0, 1, 2, null),
  },
  { requiredKeys: ['shardCreateTime', 'shardIx'] },
);

test('sequence numbers are kinesalite’s own', () => {
  fc.assert(
    fc.property(parts, (sequence) => {
      const text = outcome(() => original.stringifySequence(sequence));
      expect(outcome(() => faster.stringifySequence(sequence))).toEqual(text);
      if (!('value' in text)) return;
      expect(outcome(() => faster.parseSequence(text.value))).toEqual(
        outcome(() => original.parseSequence(text.value)),
      );
      for (const seqTime of [undefined, null, sequence.shardCreateTime + 5_000]) {
        const next = outcome(() => original.incrementSequence(text.value, seqTime));
        expect(outcome(() => faster.incrementSequence(text.value, seqTime))).toEqual(next);
      }
    }),
    { numRuns: 500 },
  );
});

test.each(['', '0', '12', 'x', '1'.repeat(56), '9'.repeat(56), (2n ** 185n).toString(), (2n ** 186n).toString()])(
  '%j is read as kinesalite reads it',
  (text) => {
    expect(outcome(() => faster.parseSequence(text))).toEqual(outcome(() => original.parseSequence(text)));
  },
);

test('hash keys are remembered', () => {
  expect(faster.partitionKeyToHashKey('CU_A#chain#00')).toBe(faster.partitionKeyToHashKey('CU_A#chain#00'));
  expect(String(faster.partitionKeyToHashKey('a'))).toBe(String(original.partitionKeyToHashKey('a')));
});
