import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromGenerator, LoadPhase, LoadResult, LoadTarget, ToGenerator } from './message.ts';

/** A load generator in a process of its own. */
export interface Load {
  pid: number;
  run(phase: LoadPhase): Promise<LoadResult>;
  stop(): Promise<void>;
}

export async function startLoad(target: LoadTarget): Promise<Load> {
  // `advanced` carries typed arrays as they are.
  const child = fork(new URL('./generator.ts', import.meta.url), { serialization: 'advanced', execArgv: [] });
  const ended = once(child, 'exit');

  function ask(message: ToGenerator): Promise<FromGenerator> {
    const { promise, resolve, reject } = Promise.withResolvers<FromGenerator>();
    const onExit = (code: number | null): void => reject(new Error(`The load generator ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (answer: FromGenerator) => {
      child.off('exit', onExit);
      resolve(answer);
    });
    child.send(message);
    return promise;
  }

  await ask({ kind: 'target', target });
  return {
    pid: child.pid ?? 0,
    async run(phase) {
      const answer = await ask({ kind: 'run', phase });
      if (answer.kind !== 'result') throw new Error(`Expected a result of the load generator, got "${answer.kind}"`);
      return answer.result;
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
