import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verdictOf } from './kills/report.ts';

/** The drills as `npm run` starts them, and what is wrong with some command lines of theirs. */
const DRILLS: [string, string, [string[], RegExp][]][] = [
  [
    'kills',
    'faults/kills/main.ts',
    [
      [['--times', 'x'], /Give --times a whole number from 1 to 10000: it is "x"/],
      [['--times', '0'], /Give --times a whole number/],
      [['--data', 'README.md'], /Give --data a folder: "README.md" is a file/],
      [['--data', 'docs'], /Give --data a folder that is new or empty/],
    ],
  ],
  [
    'overload',
    'faults/overload/main.ts',
    [
      [['--seconds', '-1'], /Give --seconds a whole number from 1 to 600: it is "-1"/],
      [['--times', '1'], /Give --times a whole number from 2 to/],
      [['--data', 'README.md'], /Give --data a folder: "README.md" is a file/],
    ],
  ],
  [
    'simulate',
    'simulation/run/main.ts',
    [
      [['--seeds', '1e3'], /Give --seeds a whole number from 1 to \d+: it is "1e3"/],
      [['--workers', '0'], /Give --workers a whole number/],
      [['--mutant', 'nobody'], /Unknown mutant "nobody"/],
      [['--seed', '3', '--seeds', '4'], /Give --seed alone/],
    ],
  ],
];

function run(file: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('test', file), ...args], { encoding: 'utf8' });
  return { exitCode: status, stdout, stderr };
}

describe.each(DRILLS)('npm run %s', (name, file, wrong) => {
  it('--help says what it does, with its flags and examples', () => {
    const { exitCode, stdout, stderr } = run(file, ['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`USAGE npm run ${name} -- [flags]`);
    expect(stdout).toContain(`EXAMPLES\n\n  npm run ${name} -- `);
  });

  it.each([
    ...wrong,
    [['--nonsense'], /Unknown flag "--nonsense"/] as const,
    [['more'], /Unknown argument "more"/] as const,
  ])('%j ends with exit code 2 and says what is wrong', (args, message) => {
    const { exitCode, stdout, stderr } = run(file, args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(new RegExp(`Try npm run ${name} -- --help|--mutant list|Did you mean`));
    expect(stderr).not.toMatch(/\n +at /);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });
});

it('npm run kills ends with its verdict', () => {
  const [sound, failed] = [{ faults: [] }, { faults: ['An entry is lost', 'A digest is gone'] }];
  expect(verdictOf([sound, sound], { times: 2 })).toBe('Nothing lost, nothing halved, no fault: 2 kills');
  expect(verdictOf([sound], { times: 1 })).toBe('Nothing lost, nothing halved, no fault: 1 kill');
  expect(verdictOf([sound, failed], { times: 50 })).toBe('FAILED: 2 faults after 2 of 50 kills, told above');
});
