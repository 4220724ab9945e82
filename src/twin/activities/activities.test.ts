import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateMachine } from 'aws-local-stepfunctions';
import { expect, test } from 'vitest';
import { FakeLedger, losing, type FakeLedgerOptions } from '../testing/fake-ledger.ts';
import type { TwinSummary } from '../report/summary.ts';
import { runActivity, type ActivityInput } from './index.ts';
import type { TwinPorts } from './session.ts';

const DEFINITION = join(import.meta.dirname, '../../../stepfunctions/steady-state/steady-state.asl.json');
const FUNCTION = 'arn:aws:lambda:ap-southeast-2:123456789012:function:Twin';
const SMALL = { runId: 'r', seed: 'x', members: 40, days: 12, start: '2025-01-22', workers: 4 };

/** Runs the steady state's own state machine; every task is done by the activities, on a fake ledger. */
async function run(options: {
  settings?: Record<string, unknown>;
  ledger?: FakeLedgerOptions;
  forgetful?: boolean;
  between?: (ledger: FakeLedger, activity: string) => void;
}) {
  const ledger = new FakeLedger(options.ledger);
  const days: string[] = [];
  const counts = { sent: 0, refused: 0, unexpected: 0 };
  const metrics = {
    requested: ({ commands }: { commands: number }) => void (counts.sent += commands),
    refused: (count: number) => void (counts.refused += count),
    unexpected: (count: number) => void (counts.unexpected += count),
    dayEnded: ({ date }: { date: string }) => void days.push(date),
  };
  const shared: TwinPorts = { ledger, metrics, actorId: 'TWIN_ORCHESTRATOR', wait: async () => undefined };
  const invoke = async (input: unknown) => {
    // What a Lambda function takes and gives is JSON; the state machine sends what the activities document.
    const { Payload } = JSON.parse(JSON.stringify(input)) as { Payload: ActivityInput };
    options.between?.(ledger, Payload.activity);
    // New ports make a new session: nothing is left from the activities before.
    const ports = options.forgetful ? { ...shared } : shared;
    return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(await runActivity(Payload, ports))) };
  };
  const definition = readFileSync(DEFINITION, 'utf8').replaceAll('${TwinFunctionArn}', FUNCTION);
  const machine = new StateMachine(JSON.parse(definition));
  const names = ['Bootstrap', 'SeedMembers', 'SimulateShare', 'SettleDay', 'EndOfDay', 'Complete'];
  // Signing is no activity of the twin's, and the fake ledger has nothing to sign.
  const sign = async () => ({
    StatusCode: 200,
    Payload: {
      digests: [{ outcome: 'made', number: 1, key: '0', sha256: '0'.repeat(64), isComplete: true, faults: [] }],
    },
  });
  const retryIntervalOverrides = Object.fromEntries(names.map((name) => [name, 0]));
  const taskResourceLocalHandlers = { ...Object.fromEntries(names.map((name) => [name, invoke])), Digest: sign };
  const execution = machine.run(
    { ...SMALL, ...options.settings },
    { overrides: { taskResourceLocalHandlers, retryIntervalOverrides } },
  );
  // The state machine's output is what `complete` returns, and who signed it.
  const { digest: signed, ...output } = (await execution.result) as Record<string, unknown>;
  expect(signed).toMatchObject({ outcome: 'made', number: 1, sha256: '0'.repeat(64) });
  const summary = output as unknown as TwinSummary;
  return { ledger, days, counts, summary };
}

test('a small run, through the state machine, to the last cent', async () => {
  const { ledger, days, counts, summary } = await run({});
  expect(days).toHaveLength(13);
  expect(days[0]).toBe('2025-01-21');
  expect(days.at(-1)).toBe('2025-02-02');
  expect(summary).toMatchObject({
    members: 40,
    days: 12,
    end: '2025-02-02',
    synthetic: true,
    loans: { applications: 2 },
  });
  expect(counts).toEqual({ sent: summary.commands.sent, refused: summary.commands.refused, unexpected: 0 });
  expect(summary.calibration.length).toBeGreaterThan(25);
  expect(summary.daily).toHaveLength(12);
  expect(ledger.mostPerChain).toBe(1);
});

test('workers, timing and a network that loses things change the speed only', async () => {
  const reference = (await run({})).ledger.digest();
  const jitter = { before: () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 3)) };
  const many = await run({ settings: { workers: 16 }, ledger: jitter });
  expect(many.ledger.digest()).toBe(reference);
  expect(many.ledger.mostPerChain).toBe(1);
  expect((await run({ settings: { workers: 1 } })).ledger.digest()).toBe(reference);
  expect((await run({ ledger: losing(7) })).ledger.digest()).toBe(reference);
  let calls = 0;
  const busy = { busy: () => (calls += 1) % 97 === 0 };
  expect((await run({ ledger: busy })).ledger.digest()).toBe(reference);
  expect((await run({ settings: { seed: 'y' } })).ledger.digest()).not.toBe(reference);
});

test('activities that remember nothing do the same', async () => {
  const settings = { members: 25, days: 14, start: '2025-01-20' };
  const { summary: reference, ledger } = await run({ settings });
  const forgetful = await run({ settings, forgetful: true });
  expect(forgetful.ledger.digest()).toBe(ledger.digest());
  expect(forgetful.summary).toEqual(reference);
});

test('repeated activities change nothing', async () => {
  const { ledger, summary } = await run({});
  const digest = ledger.digest();
  const metrics = { requested() {}, refused() {}, unexpected() {}, dayEnded() {} };
  const ports = { ledger, metrics, actorId: 'TWIN_ORCHESTRATOR' };
  const config = { ...SMALL };
  await runActivity({ activity: 'bootstrap', config }, ports);
  await runActivity({ activity: 'seedMembers', config, from: 0 }, ports);
  await runActivity({ activity: 'simulateDay', config, day: 5, share: 1, shares: 4 }, ports);
  await runActivity({ activity: 'settleDay', config, day: 3 }, ports);
  await runActivity({ activity: 'endOfDay', config, day: 9 }, ports);
  expect(await runActivity({ activity: 'complete', config }, ports)).toEqual(summary);
  expect(ledger.digest()).toBe(digest);
});

test('a ledger that reckons otherwise is found out', async () => {
  const tampered = run({ between: (ledger, activity) => activity === 'complete' && ledger.tamper() });
  await expect(tampered).rejects.toThrow(/differ in 1 places/);
});

test('a ledger that answers otherwise fails the run at once', async () => {
  let done = 0;
  const tampered = run({
    between: (ledger, activity) => activity === 'simulateDay' && (done += 1) === 6 && ledger.drain(),
  });
  await expect(tampered).rejects.toThrow(/expected ACCEPTED, got InsufficientFunds/);
});

test('one member, one day', async () => {
  const { summary } = await run({ settings: { members: 1, days: 1, workers: 2 } });
  expect(summary).toMatchObject({ members: 1, accounts: expect.any(Number), loans: { applications: 0 } });
});

test.each([{ seed: 'y' }, { members: 41 }, { days: 13 }, { start: '2025-01-23' }, { fraudRate: 0.002 }])(
  'a ledger that holds the tenant of a run with other settings (%o) is left alone',
  async (other) => {
    const ledger = new FakeLedger();
    const metrics = { requested: () => {}, refused: () => {}, unexpected: () => {}, dayEnded: () => {} };
    const ports: TwinPorts = { ledger, metrics, actorId: 'TWIN_ORCHESTRATOR' };
    const config = { ...SMALL, tenantId: 'CU_DIGITAL' };
    await runActivity({ activity: 'bootstrap', config }, ports);
    const before = ledger.digest();
    await expect(runActivity({ activity: 'bootstrap', config: { ...config, ...other } }, ports)).rejects.toMatchObject({
      code: 'TENANT_TAKEN',
    });
    expect(ledger.digest()).toBe(before);
    await runActivity({ activity: 'bootstrap', config: { ...config, workers: 9, runId: 'another' } }, ports);
    expect(ledger.digest()).toBe(before);
  },
);
