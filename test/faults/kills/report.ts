import { counted } from '../../../src/proof/counted.ts';
import type { Killed } from './round.ts';

export interface Drill {
  times: number;
  seed: string;
  processes: boolean;
}

const WIDTHS = { '#': 3, killed: 24, '': 22, 'after ms': 9, commands: 10, retried: 9, 'writes ms': 11, 'views ms': 10 };

/** @returns the command line that does the same again */
export function lineOfDrill({ times, seed, processes }: Drill): string {
  return `npm run kills -- --times ${times} --seed ${seed}${processes ? '' : ' --threads'}`;
}

export function titles(): string {
  return `${lineOf(Object.keys(WIDTHS))}  digest`;
}

export function lineOfKill({ kind, dead, ...killed }: Killed): string {
  const { number, afterMs, commands, retried, writesMs, viewsMs, digest, faults } = killed;
  const figures = [afterMs, commands, retried, Math.round(writesMs), Math.round(viewsMs)].map(String);
  const end = faults.length > 0 ? '  FAILED' : String(digest).padStart(8);
  return lineOf([String(number), kind, dead, ...figures]) + end;
}

/** @returns what is to be said of a kill after which something did not hold */
export function linesOfFailure({ number, kind, dead, afterMs, faults }: Killed, drill: Drill): string[] {
  return [
    `Kill ${number} of ${drill.times} failed: ${kind} (${dead}), ${afterMs} ms into its load, seed ${drill.seed}`,
    ...faults.map((fault) => `  ${fault}`),
    `Again: ${lineOfDrill({ ...drill, times: number })}`,
    'It kills the same in the same order after the same time; what is under way then is the machine’s.',
  ];
}

/** @returns the end of it all in one line */
export function verdictOf(kills: readonly Pick<Killed, 'faults'>[], { times }: Pick<Drill, 'times'>): string {
  const faults = kills.reduce((sum, killed) => sum + killed.faults.length, 0);
  const killed = `${kills.length === times ? '' : `${kills.length} of `}${counted(times, 'kill')}`;
  return faults === 0
    ? `Nothing lost, nothing halved, no fault: ${killed}`
    : `FAILED: ${counted(faults, 'fault')} after ${killed}, told above`;
}

/** @returns a line for each kind of kill */
export function statisticsOf(kills: readonly Killed[]): string[] {
  const title = `${'killed'.padEnd(24)}times   writes again after ms (median, most)   views complete after ms (median, most)`;
  const lines = [...Map.groupBy(kills, ({ kind }) => kind)].map(([kind, group]) => {
    const writes = medianAndMost(group.map(({ writesMs }) => writesMs));
    const views = medianAndMost(group.map(({ viewsMs }) => viewsMs));
    return `${kind.padEnd(24)}${String(group.length).padStart(5)}${writes.padStart(40)}${views.padStart(41)}`;
  });
  return [title, ...lines];
}

/** The first three are texts, but for the number. */
function lineOf(cells: readonly string[]): string {
  return Object.values(WIDTHS)
    .map((width, index) => {
      const cell = cells[index] ?? '';
      if (index === 0) return `${cell.padStart(width - 1)}  `;
      return index < 3 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join('');
}

function medianAndMost(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${Math.round(median)}, ${Math.round(sorted.at(-1) ?? 0)}`;
}
