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
  const samples = Array.from({ length: SAMPLES }, () => bytesOf(count, collect));
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

function bytesOf(count: number, collect: () => void): number {
  collect();
  const before = memoryInUse();
  const commands = new RememberedCommands();
  for (let number = 0; number < count; number += 1) {
    const digest = hash('sha256', String(number), 'hex');
    commands.set(digest.slice(0, 32), { digest: digest.slice(32), seq: number * 3 + 1, events: 3 });
  }
  collect();
  const bytes = memoryInUse() - before;
  if (!commands.get(hash('sha256', String(count - 1), 'hex').slice(0, 32))) throw new Error('A command is forgotten');
  return bytes;
}

function memoryInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void; // the flag puts it into new contexts
}
