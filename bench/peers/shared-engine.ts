import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Engine, startEngine } from '../../src/local/dynamodb/engine.ts';

export const REGION = 'ap-southeast-2';

/**
 * The embedded engine as TuringCore over HTTP reaches it: behind the local cloud's front, in a thread of its own, which hands
 * the engine writes that come together as one transaction. So every peer on this engine waits for the disk as seldom.
 */
export async function startSharedEngine(options: { dataDir: string; log: (line: string) => void }): Promise<Engine> {
  const engine = await startEngine(options);
  const workerData = { engineUrl: engine.url, region: REGION };
  const front = new Worker(new URL('./front-thread.ts', import.meta.url), { workerData, name: 'front' });
  const [url] = (await once(front, 'message')) as [string];
  return {
    ...engine,
    url,
    async stop() {
      const ended = once(front, 'exit');
      front.postMessage('stop');
      await ended;
      await engine.stop();
    },
  };
}
