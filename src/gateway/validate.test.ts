import { readFileSync } from 'node:fs';
import { assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, mutations } from '../../test/api/fuzz/mutate.ts';
import { commandEnvelope } from '../contract/envelope.ts';
import { faultsOf, parseEnvelope } from './validate.ts';

const samples = JSON.parse(
  readFileSync(new URL('../../test/fixtures/contract-payloads.json', import.meta.url), 'utf8'),
) as { commandType: string; payload: object }[];
const envelopes = samples.map(({ commandType, payload }) => ({
  commandId: '7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f',
  tenantId: 'CU_DIGITAL',
  commandType,
  actor: { actorType: 'SYSTEM', actorId: 'TWIN' },
  timestamp: '2025-01-01T00:00:00Z',
  payload,
  idempotencyKey: 'key',
}));

describe('parseEnvelope', () => {
  it.each(envelopes)('takes a $commandType as the schema does', (envelope) => {
    expect(parseEnvelope(envelope)).toStrictEqual({ envelope: commandEnvelope.parse(envelope) });
  });

  it('gives for any input what the schema gives, fault for fault', () => {
    assert(
      property(constantFrom(...envelopes), mutations, (envelope, changes) => {
        const input = mutate(envelope, changes);
        const result = commandEnvelope.safeParse(input);
        expect(parseEnvelope(input)).toStrictEqual(
          result.success ? { envelope: result.data } : { faults: faultsOf(result.error) },
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
