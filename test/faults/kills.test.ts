import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { type Kind, KINDS } from './kills/kinds.ts';
import { linesOfFailure } from './kills/report.ts';
import { runKills } from './kills/run-kills.ts';

/** Each kind once at least. */
const TIMES = 10;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'turing-kills-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test(`${TIMES} kills under load lose nothing, halve nothing and repeat nothing; digests extend and views catch up`, async () => {
  const { kills, commands, digests, answers } = await runKills({ dataDir, times: TIMES, seed: '1', processes: true });
  expect(kills.flatMap(({ faults }) => faults)).toEqual([]);
  expect(new Set(kills.map(({ kind }) => kind))).toEqual(new Set(KINDS.map(({ name }) => name)));
  for (const { dead } of kills) expect(dead).toMatch(/^process/);
  // Kills between commands would show nothing.
  expect(kills.reduce((sum, { retried }) => sum + retried, 0)).toBeGreaterThan(0);
  expect(commands).toBeGreaterThan(TIMES * 20);
  expect(digests).toBeGreaterThan(TIMES);
  expect(answers).toBeGreaterThan(TIMES * 20);
}, 600_000);

/** Kills nothing, and does what nobody may: what the drill then says is what it would say of a bug. */
const planted = (name: string, harm: (dataDir: string) => void): Kind => ({
  name,
  endsCloud: false,
  async kill() {
    harm(dataDir);
    return 'nothing';
  },
});

const digestOf = (folder: string, name: string) => {
  const [path = ''] = globSync(join(folder, 'buckets/*/CU_TEST/digests', name));
  return path;
};

it.each<[string, (folder: string) => void, RegExp]>([
  ['a digest that is gone', (folder) => rmSync(digestOf(folder, '00000001.json')), /Digest 1: It is missing$/m],
  [
    'a digest with another signature',
    (folder) => {
      const path = digestOf(folder, '00000001.json');
      const digest = JSON.parse(readFileSync(path, 'utf8'));
      const signature = Buffer.from(digest.signature, 'base64');
      signature[20] = (signature[20] ?? 0) ^ 1;
      chmodSync(path, 0o600);
      writeFileSync(path, JSON.stringify({ ...digest, signature: signature.toString('base64') }));
    },
    /Digest 1: The signature was not made by this key/,
  ],
  [
    'what throws',
    () => {
      throw new Error('The machine is on fire');
    },
    /could not go on: The machine is on fire/,
  ],
])(
  'a kill that ends in %s is told as that kill’s failure, with what to do to see it again',
  async (name, harm, fault) => {
    const { kills } = await runKills({
      dataDir,
      times: 3,
      seed: 'planted',
      processes: false,
      kinds: [planted(name, harm)],
    });
    const [killed, ...others] = kills;
    expect(others).toEqual([]);
    if (killed === undefined) throw new Error('There was no kill');
    expect(killed.faults.join('\n')).toMatch(fault);
    const text = linesOfFailure(killed, { times: 3, seed: 'planted', processes: false }).join('\n');
    expect(text).toContain(
      `Kill 1 of 3 failed: ${name} (${killed.dead}), ${killed.afterMs} ms into its load, seed planted`,
    );
    expect(text).toContain('Again: npm run kills -- --times 1 --seed planted --threads');
    expect(text).not.toMatch(/\n +at /);
  },
  120_000,
);
