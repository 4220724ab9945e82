import { expect, test } from 'vitest';
import { envelope, type Prepared } from '../commands/envelope.ts';
import { twinConfig } from '../config.ts';
import type { Expectation } from '../world/intent.ts';
import { BATCH_COMMANDS, Courier } from './courier.ts';
import { LedgerUnavailable, UnexpectedAnswer, type Answer, type Ledger } from './ledger.ts';

const sender = { config: twinConfig({ runId: 'r' }), actorId: 'TWIN', timeZone: 'Australia/Sydney' };
const answer = (code: string): Answer => ({
  code,
  entityId: code === 'ACCEPTED' ? 'made' : '',
  transient: code === 'ServiceUnavailable',
  message: '',
});

function commands(count: number, expected: Expectation = 'ACCEPTED'): Prepared[] {
  return Array.from({ length: count }, (_, index) => {
    const payload = { productCode: `P${index}`, name: 'P', productType: 'DEPOSIT' as const, interest: {} };
    return {
      envelope: envelope(sender, {
        type: 'UpsertProduct',
        key: `p/${index}`,
        date: '2025-01-02',
        second: 40_000,
        payload,
      }),
      expect: expected,
    };
  });
}

/** A courier whose ledger answers by `reply`; notes what was sent, waited for and counted. */
function courierWith(reply: (keys: string[], request: number) => Answer[]) {
  const sent: string[][] = [];
  const waits: number[] = [];
  const counts = { requests: 0, commands: 0, refused: 0, unexpected: 0 };
  const ledger: Pick<Ledger, 'submit'> = {
    submit: async (_tenantId, list) => {
      const keys = list.map((command) => command.idempotencyKey ?? '');
      sent.push(keys);
      return reply(keys, sent.length);
    },
  };
  const metrics = {
    requested: ({ commands: number }: { commands: number }) => {
      counts.requests += 1;
      counts.commands += number;
    },
    refused: (count: number) => void (counts.refused += count),
    unexpected: (count: number) => void (counts.unexpected += count),
  };
  // The courier uses nothing but `submit`.
  const options = { ledger: ledger as Ledger, tenantId: 'CU_DIGITAL', metrics };
  const courier = new Courier({ ...options, wait: async (ms) => void waits.push(ms) });
  return { courier, sent, waits, counts };
}

test('sends in order, a full batch at a time, and gives the answers in order', async () => {
  const { courier, sent, counts } = courierWith((keys) => keys.map(() => answer('ACCEPTED')));
  const count = 2 * BATCH_COMMANDS + 5;
  const answers = await courier.deliver(commands(count));
  expect(sent.map((batch) => batch.length)).toEqual([BATCH_COMMANDS, BATCH_COMMANDS, 5]);
  expect(sent.flat()).toEqual(Array.from({ length: count }, (_, index) => `42/p/${index}`));
  expect(answers).toHaveLength(count);
  expect(counts).toEqual({ requests: 3, commands: count, refused: 0, unexpected: 0 });
});

test('sends again what was not decided, and nothing else, with the same keys', async () => {
  const { courier, sent, waits } = courierWith((keys, request) =>
    keys.map((_, index) => answer(request === 1 && index >= 3 ? 'ServiceUnavailable' : 'ACCEPTED')),
  );
  const answers = await courier.deliver(commands(5));
  expect(sent).toEqual([
    ['42/p/0', '42/p/1', '42/p/2', '42/p/3', '42/p/4'],
    ['42/p/3', '42/p/4'],
  ]);
  expect(waits).toEqual([100]);
  expect(answers.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'ACCEPTED'));
});

test('waits twice as long after each loss, and gives up in the end', async () => {
  const { courier, sent, waits } = courierWith(() => {
    throw new LedgerUnavailable('Out of reach');
  });
  await expect(courier.deliver(commands(1))).rejects.toThrow(LedgerUnavailable);
  expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800]);
  expect(sent).toHaveLength(9);
});

test('an expected refusal is counted; any other answer fails and is named', async () => {
  const refused = courierWith((keys) => keys.map(() => answer('InsufficientFunds')));
  await refused.courier.deliver(commands(2, 'InsufficientFunds'));
  expect(refused.counts).toMatchObject({ refused: 2, unexpected: 0 });

  const wrong = courierWith((keys) => keys.map(() => answer('AccountUnknown')));
  const delivery = wrong.courier.deliver(commands(3));
  await expect(delivery).rejects.toThrow(UnexpectedAnswer);
  await expect(delivery).rejects.toThrow(/3 of 3 .*UpsertProduct "42\/p\/0": expected ACCEPTED, got AccountUnknown/);
  expect(wrong.counts).toMatchObject({ refused: 0, unexpected: 3 });

  const lenient = courierWith((keys) => keys.map(() => answer('ACCEPTED')));
  await expect(lenient.courier.deliver(commands(1, 'InsufficientFunds'))).rejects.toThrow(
    /expected InsufficientFunds, got ACCEPTED/,
  );
});

test('a fault that is neither expected nor passing is not repeated', async () => {
  const { courier, sent } = courierWith(() => {
    throw new UnexpectedAnswer('status 401');
  });
  await expect(courier.deliver(commands(1))).rejects.toThrow('status 401');
  expect(sent).toHaveLength(1);
});
