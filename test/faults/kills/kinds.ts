import type { Up } from '../support/up.ts';

/** What is killed, and how. Threads know no signals: their local cloud ends them between two instructions, unannounced. */
export interface Kind {
  name: string;
  /** Whether the process that runs `turing up` is among the dead. */
  endsCloud: boolean;
  kill(up: Up): Promise<void>;
}

const thread = (name: string, part: string): Kind => ({ name, endsCloud: false, kill: async (up) => void (await up.owner.kill(part)) });

export const KINDS: readonly Kind[] = [
  thread('command function', 'CommandFunction'),
  thread('projection', 'ProjectionFunction'),
  thread('stream', 'streams'),
  {
    name: 'engine',
    endsCloud: false,
    async kill(up) {
      process.kill(up.enginePid(), 'SIGKILL');
    },
  },
  {
    name: 'local cloud',
    endsCloud: true,
    async kill(up) {
      up.signal('SIGKILL');
      await up.ended;
    },
  },
  {
    // As a machine's death: nothing is left to close the store.
    name: 'local cloud and engine',
    endsCloud: true,
    async kill(up) {
      process.kill(up.enginePid(), 'SIGKILL');
      up.signal('SIGKILL');
      await up.ended;
    },
  },
];
