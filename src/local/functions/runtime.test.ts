import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PartPlace } from '../part.ts';
import { createRuntime, type FunctionRuntime } from './runtime.ts';

let directory: string;
const started: FunctionRuntime[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'turing-test-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((runtime) => runtime.kill()));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;

interface Options {
  place: PartPlace;
  environment?: Record<string, string>;
  timeoutMs?: number;
  environmentsMax?: number;
}

function runIn(code: string, options: Options) {
  const name = `module${count++}`;
  writeFileSync(join(directory, `${name}.mjs`), code);
  const output: string[] = [];
  const runtime = createRuntime({
    logicalId: name,
    data: {
      modulePath: join(directory, name),
      exportName: 'handler',
      functionName: name,
      functionArn: `arn:${name}`,
      memoryMb: 1_769,
    },
    place: options.place,
    environment: options.environment ?? {},
    timeoutMs: options.timeoutMs ?? 5_000,
    ...(options.environmentsMax !== undefined && { environmentsMax: options.environmentsMax }),
    log: (text) => output.push(text),
  });
  started.push(runtime);
  return { runtime, output };
}

describe.each(['thread', 'process'] as const)('a function in a %s of its own', (place) => {
  const run = (code: string, options: Omit<Options, 'place'> = {}) => runIn(code, { place, ...options });

  it('gets its event, its context and only its own environment', async () => {
    const { runtime } = run(
      'export const handler = async (event, context) => ({ event, name: context.functionName, left: context.getRemainingTimeInMillis() > 1000, environment: { ...process.env } });',
      { environment: { TABLE: 't' } },
    );
    const result = await runtime.invoke({ a: [1] });
    expect(result).toEqual({
      ok: true,
      value: { event: { a: [1] }, name: runtime.name, left: true, environment: { TABLE: 't' } },
    });
  });

  it('answers in Lambda’s shape when it throws, with the error’s own name', async () => {
    const { runtime } = run(
      "export const handler = async () => { throw Object.assign(new Error('no room'), { name: 'FullError' }); };",
    );
    expect(await runtime.invoke({})).toMatchObject({
      ok: false,
      handled: true,
      error: { errorType: 'FullError', errorMessage: 'no room' },
    });
  });

  it('fails each invocation with its own message when it cannot start for want of a variable', async () => {
    const { runtime } = run(
      "if (!process.env.TABLE) throw new Error('Set TABLE: it is missing'); export const handler = async () => 1;",
    );
    expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorMessage: 'Set TABLE: it is missing' } });
    expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorMessage: 'Set TABLE: it is missing' } });
  });

  it('says when module or handler is missing', async () => {
    const { runtime } = run('export const other = 1;');
    expect(await runtime.invoke({})).toMatchObject({ ok: false, error: { errorType: 'Runtime.HandlerNotFound' } });
  });

  it('serves several invocations at once', async () => {
    const { runtime } = run(
      'let active = 0, most = 0; export const handler = async () => { most = Math.max(most, ++active); await new Promise((r) => setTimeout(r, 50)); active--; return most; };',
    );
    const results = await Promise.all(Array.from({ length: 8 }, () => runtime.invoke({})));
    expect(results.at(-1)).toEqual({ ok: true, value: 8 });
  });

  it('has one invocation at a time in each of its environments where it may have several, and lets others wait', async () => {
    const { runtime } = run(
      'let active = 0; export const handler = async () => { const most = ++active; await new Promise((r) => setTimeout(r, 300)); active--; return most; };',
      { environmentsMax: 2 },
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
    const results = await Promise.all(Array.from({ length: 4 }, () => runtime.invoke({})));
    expect(results.map((result) => result.ok && result.value)).toEqual([1, 1, 1, 1]);
    const inFlight = [runtime.invoke({}), runtime.invoke({}), runtime.invoke({})];
    expect((await runtime.kill())?.split(', ')).toHaveLength(2);
    for (const result of await Promise.all(inFlight))
      expect(result).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('is cut off at its time-out, and the next invocation gets a fresh environment', async () => {
    const { runtime } = run(
      'let calls = 0; export const handler = async ({ hang }) => { calls++; if (hang) for (;;) {} return calls; };',
      { timeoutMs: 200 },
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
    expect(await runtime.invoke({ hang: true })).toMatchObject({
      ok: false,
      error: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 0.20 seconds' },
    });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('fails what is in flight when killed, and starts again', async () => {
    const { runtime } = run(
      'let calls = 0; export const handler = async ({ wait }) => { calls++; if (wait) await new Promise(() => {}); return calls; };',
    );
    await runtime.invoke({});
    const inFlight = runtime.invoke({ wait: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await runtime.kill()).toMatch(new RegExp(`^${place} \\d+$`));
    expect(await inFlight).toMatchObject({ ok: false, handled: false, error: { errorType: 'Runtime.ExitError' } });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('is killed though it never comes to the end of its turn, and what is invoked meanwhile starts afresh', async () => {
    const { runtime } = run('export const handler = async ({ hang }) => { if (hang) for (;;) {} return 1; };');
    await runtime.invoke({});
    const inFlight = runtime.invoke({ hang: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const killed = runtime.kill();
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
    expect(await killed).toMatch(new RegExp(`^${place} \\d+$`));
    expect(await inFlight).toMatchObject({ ok: false, handled: false, error: { errorType: 'Runtime.ExitError' } });
  });

  it('fails the invocation when it exits or crashes by itself', async () => {
    const { runtime } = run(
      "export const handler = async ({ how }) => { if (how === 'exit') process.exit(3); setTimeout(() => { throw new Error('late'); }); await new Promise(() => {}); };",
    );
    expect(await runtime.invoke({ how: 'exit' })).toMatchObject({
      ok: false,
      error: { errorType: 'Runtime.ExitError' },
    });
    expect(await runtime.invoke({ how: 'crash' })).toMatchObject({
      ok: false,
      error: { errorMessage: expect.stringContaining('late') },
    });
  });

  it('hands its output over, from console and from stdout', async () => {
    const { runtime, output } = run(
      "export const handler = async () => { console.log('one'); process.stdout.write('two\\n'); console.error('three'); };",
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: null });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(output.join('').split('\n').filter(Boolean).sort()).toEqual(['one', 'three', 'two']);
  });

  it('counts invocations, errors and billed memory × time', async () => {
    const { runtime } = run('export const handler = async (event) => { if (event.bad) throw new Error(); };');
    await runtime.invoke({});
    await runtime.invoke({ bad: true });
    const usage = runtime.usage();
    expect(usage).toMatchObject({ invocations: 2, errors: 1 });
    expect(usage.gbSeconds).toBeGreaterThan(0);
  });
});

describe('a function in a thread', () => {
  it('is killed any number of times while it does nothing but pack, and its process lives on', async () => {
    const { runtime } = runIn(
      "import { setImmediate } from 'node:timers/promises'; import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'; export const handler = async ({ last }) => { while (!last) { for (let i = 0; i < 500; i++) zstdDecompressSync(zstdCompressSync('x')); await setImmediate(); } return 'packed'; };",
      { place: 'thread' },
    );
    for (let kills = 0; kills < 50; kills++) {
      expect(await runtime.invoke({ last: true })).toEqual({ ok: true, value: 'packed' });
      const inFlight = runtime.invoke({});
      await new Promise((resolve) => setTimeout(resolve, 5 + (kills % 5)));
      await runtime.kill();
      expect(await inFlight).toMatchObject({ ok: false, error: { errorType: 'Runtime.ExitError' } });
    }
    expect(await runtime.invoke({ last: true })).toEqual({ ok: true, value: 'packed' });
  });
});
