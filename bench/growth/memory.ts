import { hash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { REMEMBERED_COMMANDS, RememberedCommands } from '../../src/core/chain/remembered.ts';
import type { Figure } from '../support/bench.ts';

const CHAINS = 16;
const SAMPLES = 5;

/** What a function's memory holds of the commands of a busy tenant: the most that is ever remembered. */
export function measureMemory(): Figure[] {
  const count = 2 * REMEMBERED_COMMANDS;
  const collect = garbageCollector();
  // All stay until the last is measured: one that were given back meanwhile would make the next look smaller.
  const measured = Array.from({ length: SAMPLES }, () => fill(count, collect));
  if (!measured.every(({ commands }) => commands.get(keyOf(count - 1)))) throw new Error('A command is forgotten');
  const samples = measured.map(({ bytes }) => bytes);
  const method = `${count} commands of a chain, the most that it remembers; heap and buffers after garbage collection`;
  return [
    {
      name: 'memory of a remembered command',
      unit: 'bytes',
      samples: samples.map((bytes) => bytes / count),
      method,
      target: { atMost: 50, own: true },
    },
    {
      name: `memory of ${CHAINS} chains at their most`,
      unit: 'MB',
      samples: samples.map((bytes) => (bytes * CHAINS) / 1e6),
      method: `${CHAINS} times as much: a tenant with 8 million commands in one function`,
    },
  ];
}

/** So many commands remembered, and the bytes that they take. */
function fill(count: number, collect: () => void): { commands: RememberedCommands; bytes: number } {
  collect();
  const before = memoryInUse();
  const commands = new RememberedCommands();
  for (let number = 0; number < count; number += 1)
    commands.set(keyOf(number), { digest: digestOf(number).slice(32), seq: number * 3 + 1, events: 3 });
  collect();
  return { commands, bytes: memoryInUse() - before };
}

const digestOf = (number: number): string => hash('sha256', String(number), 'hex');
const keyOf = (number: number): string => digestOf(number).slice(0, 32);

function memoryInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void; // the flag puts it into new contexts
}
