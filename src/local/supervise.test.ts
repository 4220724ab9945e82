import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Supervised, supervise } from './supervise.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function processes() {
  const made: { process: Supervised; end(words: string): void; stops: number }[] = [];
  const make = (): Supervised => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const entry = {
      end: resolve,
      stops: 0,
      process: {
        label: `process ${made.length + 1}`,
        ended: promise,
        async stop() {
          entry.stops++;
          resolve('');
          await promise;
        },
      },
    };
    made.push(entry);
    return entry.process;
  };
  return { made, make };
}

function watched(start?: () => Promise<Supervised>) {
  const { made, make } = processes();
  const lines: string[] = [];
  const gaveUp = vi.fn<(lastWords: string) => void>();
  const restarted = vi.fn<() => void>();
  const supervisor = supervise({
    what: 'The DynamoDB engine',
    first: make(),
    start: start ?? (() => Promise.resolve(make())),
    log: (line) => lines.push(line),
    restarted,
    gaveUp,
  });
  return { made, make, lines, gaveUp, restarted, supervisor };
}

describe('a process that ends unasked', () => {
  it('is started again, with a line in the log', async () => {
    const { made, lines, restarted, supervisor } = watched();
    made[0]?.end('disk full');
    await vi.waitFor(() => expect(restarted).toHaveBeenCalledOnce());
    expect(made).toHaveLength(2);
    expect(lines).toEqual([
      'The DynamoDB engine (process 1) ended unexpectedly, saying "disk full"',
      'The DynamoDB engine runs again as process 2: restart 1 within a minute',
    ]);
    await supervisor.stop();
  });

  it('may do so for ever, when it does so seldom', async () => {
    const { made, gaveUp, restarted, supervisor } = watched();
    for (let death = 1; death <= 8; death++) {
      made.at(-1)?.end('');
      await vi.waitFor(() => expect(restarted).toHaveBeenCalledTimes(death));
      vi.advanceTimersByTime(61_000);
    }
    expect(gaveUp).not.toHaveBeenCalled();
    await supervisor.stop();
  });

  it('is given up after five restarts within a minute; starts that fail count', async () => {
    const start = vi.fn<() => Promise<Supervised>>(() => Promise.reject(new Error('no room')));
    const { made, gaveUp, restarted, supervisor } = watched(start);
    made[0]?.end('');
    await vi.waitFor(() => expect(gaveUp).toHaveBeenCalledExactlyOnceWith('no room'), { timeout: 8_000 });
    expect(start).toHaveBeenCalledTimes(5);
    expect(restarted).not.toHaveBeenCalled();
    await supervisor.stop();
  }, 10_000);
});

describe('stop', () => {
  it('ends the process, and no other is started', async () => {
    const { made, restarted, supervisor } = watched();
    await supervisor.stop();
    expect([made.length, made[0]?.stops, restarted.mock.calls.length]).toEqual([1, 2, 0]);
  });

  it('ends a process that was being started too', async () => {
    const { made, make } = processes();
    const starting = Promise.withResolvers<undefined>();
    const restarted = vi.fn<() => void>();
    const start = vi.fn<() => Promise<Supervised>>(async () => {
      await starting.promise;
      return make();
    });
    const supervisor = supervise({
      what: 'The stream',
      first: make(),
      start,
      log: () => undefined,
      restarted,
      gaveUp: () => undefined,
    });
    made[0]?.end('');
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
    const stopped = supervisor.stop();
    starting.resolve(undefined);
    await stopped;
    expect(made[1]?.stops).toBe(1);
    expect(restarted).not.toHaveBeenCalled();
  });
});
