import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stream } from '../../../src/twin/random/stream.ts';
import type { Reading } from '../support/keep-reading.ts';
import type { Signing } from '../support/keep-signing.ts';
import type { Up } from '../support/up.ts';

/** What runs while something is killed. */
export interface Scene {
  up: Up;
  signing: Signing;
  reading: Reading;
  /** Gives the moments of this kill. */
  random: Stream;
}

/** What is killed, and how. */
export interface Kind {
  name: string;
  /** Whether the process that runs `turing up` is among the dead. */
  endsCloud: boolean;
  /** @returns what was killed: `process 4711`. @throws where it is not dead, or was never met at work */
  kill(scene: Scene): Promise<string>;
}

/** So often a part is killed until that meets it at work. */
const TRIES = 20;
/** A function that runs a moment beyond its usual time is met too. */
const BEYOND = 1.2;

export const KINDS: readonly Kind[] = [
  part('command function', 'CommandFunction'),
  {
    name: 'query function',
    endsCloud: false,
    async kill({ up, reading }) {
      for (let attempt = 0; attempt < TRIES; attempt += 1, await sleep(10)) {
        const before = reading.failed();
        const killed = await endPart(up, 'QueryFunction');
        await sleep(10); // the answers of those in flight
        if (killed !== undefined && reading.failed() > before) return killed;
      }
      throw new Error(`QueryFunction was killed ${TRIES} times, and never while it answered`);
    },
  },
  part('projection', 'ProjectionFunction'),
  {
    name: 'digest function',
    endsCloud: false,
    async kill({ up, signing, random }) {
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const run = await signing.begun();
        await sleep(random.between(0, signing.typicalMs() * BEYOND));
        const killed = await endPart(up, 'DigestFunction');
        if (killed !== undefined && (await run.failed) !== undefined) return killed;
      }
      throw new Error(`DigestFunction was killed ${TRIES} times, and never while it ran`);
    },
  },
  part('stream', 'streams'),
  {
    name: 'engine',
    endsCloud: false,
    async kill({ up }) {
      const pid = up.enginePid();
      process.kill(pid, 'SIGKILL');
      return `process ${pid}`;
    },
  },
  {
    name: 'local cloud',
    endsCloud: true,
    async kill({ up }) {
      up.signal('SIGKILL');
      await up.ended;
      return `process ${up.pid}`;
    },
  },
  {
    // As a machine's death: nothing is left to close the store.
    name: 'local cloud and engine',
    endsCloud: true,
    async kill({ up }) {
      const pid = up.enginePid();
      process.kill(pid, 'SIGKILL');
      up.signal('SIGKILL');
      await up.ended;
      return `processes ${up.pid}, ${pid}`;
    },
  },
];

function part(name: string, id: string): Kind {
  return {
    name,
    endsCloud: false,
    async kill({ up }) {
      const killed = await endPart(up, id);
      if (killed === undefined) throw new Error(`${id} did not run`);
      return killed;
    },
  };
}

/** @returns what was killed; undefined where nothing ran. @throws where its process goes on, or threads were to be processes */
async function endPart(up: Up, id: string): Promise<string | undefined> {
  const killed = await up.owner.kill(id);
  if (killed === null) return undefined;
  const pids = [...killed.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
  if (up.processes && pids.length === 0) throw new Error(`${id} is ${killed}, and not a process of its own`);
  const alive = pids.find((pid) => existsSync(`/proc/${pid}`));
  if (alive !== undefined) throw new Error(`${id} goes on in process ${alive} after kill -9`);
  return killed;
}
