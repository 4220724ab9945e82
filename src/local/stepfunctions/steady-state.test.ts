import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateMachine } from 'aws-local-stepfunctions';
import { expect, it } from 'vitest';

/**
 * How the scenario ends: its own definition, with tasks that answer as they are told. What they really do at the end of a month is
 * the demo's test; how they fail there, no ledger that works would show.
 */
const file = new URL('../../../stepfunctions/steady-state/steady-state.asl.json', import.meta.url);
const definition = JSON.parse(
  readFileSync(file, 'utf8').replaceAll(/\$\{\w+\}/g, 'arn:aws:lambda:ap-southeast-2:000000000000:function:F'),
) as ConstructorParameters<typeof StateMachine>[0];

type Task = () => Promise<object> | object;
const config = { tenantId: 'CU_TEST', workers: 1 };
const summary = { tenantId: 'CU_TEST', members: 10 };
const signed = { outcome: 'made', number: 1, key: 'k', sha256: 's', faults: [] };
const refused = { ...signed, outcome: 'refused', faults: [{ tenant: 'CU_TEST', chain: '03', seq: 7, reason: 'x' }] };
const before: Record<string, Task> = {
  Bootstrap: () => ({ config, seeding: { from: 0, done: false }, today: { day: 0, done: false }, shares: [0] }),
  SeedMembers: () => ({ from: 10, done: true }),
  SimulateShare: () => ({}),
  SettleDay: () => ({}),
  EndOfDay: () => ({ day: 1, done: true }),
};

/** Runs it, the waits between tries left out. @returns how it ended, in which state, and how often the last tasks were tried */
async function run({ complete, digest }: { complete?: Task; digest?: Task }) {
  const tries = { Complete: 0, Digest: 0 };
  const tasks: Record<string, Task> = {
    ...before,
    Complete: () => {
      tries.Complete += 1;
      return complete ? complete() : summary;
    },
    Digest: async () => {
      tries.Digest += 1;
      return { digests: [digest ? await digest() : signed] };
    },
  };
  const execution = new StateMachine(definition).run(config, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        Object.entries(tasks).map(([name, task]) => [name, async () => ({ Payload: (await task()) as never })]),
      ),
      retryIntervalOverrides: { Complete: 0, Digest: 0 },
    },
  });
  const states: string[] = [];
  const followed = (async () => {
    for await (const event of execution.eventLogs) if (event.type === 'StateEntered') states.push(event.state.name);
  })();
  const end = await execution.result.then(
    (output: unknown) => ({ output }),
    ({ cause }: Error) => ({ error: (cause as Error).name, cause: (cause as Error).message }),
  );
  await followed;
  return { ...end, state: states.at(-1), tries };
}

const failing =
  (name: string): Task =>
  () => {
    throw Object.assign(new Error('told to'), { name });
  };
const late =
  (task: Task): Task =>
  async () => {
    await sleep(20);
    return task();
  };

it.each<[string, Task, Task]>([
  ['views are', () => summary, late(() => signed)],
  ['journal is', late(() => summary), () => signed],
])('ends with the summary and the digest beside, where the %s looked at first', async (_first, complete, digest) => {
  expect(await run({ complete, digest })).toEqual({
    output: { ...summary, digest: signed },
    state: 'Signed',
    tries: { Complete: 1, Digest: 1 },
  });
});

it.each<[string, Task]>([
  ['is signed', () => signed],
  ['is refused', () => refused],
  ['has failed', failing('DigestFailed')],
  ['dies', failing('Runtime.ExitError')],
  ['fails later', late(failing('Runtime.ExitError'))],
])('ends where the ledger disagreed, though the digest %s', async (_what, digest) => {
  for (const name of ['BooksDisagree', 'UnexpectedAnswer'])
    expect(await run({ complete: late(failing(name)), digest })).toMatchObject({
      error: name,
      cause: 'told to',
      state: 'LedgerDisagreed',
    });
});

it('ends where the digest is refused, with the faults', async () => {
  const { cause, ...end } = { cause: '', ...(await run({ digest: () => refused })) };
  expect(end).toMatchObject({ error: 'DigestRefused', state: 'DigestRefused' });
  expect(JSON.parse(cause)).toEqual(refused.faults);
});

it.each<[string, 'complete' | 'digest', number]>([
  ['LedgerUnavailable', 'complete', 6],
  ['RangeError', 'complete', 1],
  ['DigestFailed', 'digest', 6],
  ['Runtime.ExitError', 'digest', 1],
])('ends by %s of %s after %i tries', async (name, task, tries) => {
  expect(await run({ [task]: failing(name) })).toMatchObject({
    error: name,
    cause: 'told to',
    state: 'ActivityFailed',
    tries: { [task === 'complete' ? 'Complete' : 'Digest']: tries },
  });
});

it('goes on after failures that pass', async () => {
  const failFirst = (name: string, then: object): Task => {
    let left = 5;
    return () => (left-- > 0 ? failing(name)() : then);
  };
  const end = await run({
    complete: failFirst('LedgerUnavailable', summary),
    digest: failFirst('DigestFailed', signed),
  });
  expect(end).toMatchObject({ state: 'Signed', tries: { Complete: 6, Digest: 6 } });
});
