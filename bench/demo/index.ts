import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../src/cli/project-paths.ts';
import { synthesize } from '../../src/cli/synth/synthesize.ts';
import type { Bench, Figure } from '../support/bench.ts';
import { peakMemoryBytes } from '../support/cpu.ts';

const RUNS = 5;
const FULL_SIZE = ['--members', '10000', '--days', '30'];
const MEMORY_POLL_MS = 500;

export const bench: Bench = {
  name: 'demo',
  title: 'The demo, from the command to the report',
  async run({ workDir, full, say }) {
    // The template is made once, so that the demo finds it in the cache.
    await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
    const repeat = async (name: string, flags: readonly string[]): Promise<DemoRun[]> => {
      const runs: DemoRun[] = [];
      for (let run = 0; run < RUNS; run++) {
        runs.push(await runDemo(join(workDir, `${name}-${run}.json`), flags));
        const { seconds, peakGb, entries } = runs.at(-1) ?? { seconds: 0, peakGb: 0, entries: 0 };
        say(`${name}: ${seconds.toFixed(1)} s, ${entries} entries, ${peakGb.toFixed(2)} GB`);
      }
      return runs;
    };
    const defaults = await repeat('defaults', []);
    const large = full ? await repeat('full', FULL_SIZE) : [];
    for (const runs of [defaults, large]) {
      const digests = new Set(runs.map(({ digest }) => digest));
      if (digests.size > 1) throw new Error(`The same demo gave ${digests.size} digests: ${[...digests].join(', ')}`);
    }
    return {
      figures: [
        {
          name: 'demo at its defaults',
          unit: 's',
          samples: defaults.map(({ seconds }) => seconds),
          method: `500 members, 30 days: from the start of the command to its end, template in the cache, ${RUNS} runs with one digest`,
          target: { atMost: 15 },
        },
        ...(full ? fullFigures(large) : []),
      ],
      details: { defaults, full: large },
    };
  },
};

function fullFigures(runs: readonly DemoRun[]): Figure[] {
  const method = `10,000 members, 30 days, ${runs[0]?.entries ?? 0} entries: ${runs.length} runs with one digest`;
  return [
    {
      name: 'demo, CU_DIGITAL in full',
      unit: 's',
      samples: runs.map(({ seconds }) => seconds),
      method,
      target: { atMost: 120 },
    },
    {
      name: 'demo, CU_DIGITAL in full, memory',
      unit: 'GB',
      samples: runs.map(({ peakGb }) => peakGb),
      method: `${method}; greatest resident memory of the process and its engine`,
      target: { atMost: 2 },
    },
  ];
}

interface DemoRun {
  seconds: number;
  peakGb: number;
  digest: string;
  entries: number;
  phases: Record<string, number>;
}

async function runDemo(jsonFile: string, flags: readonly string[]): Promise<DemoRun> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, ['bin/turing.ts', 'demo', '--once', '--json', jsonFile, ...flags], {
    cwd: PATHS.root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let peakBytes = 0;
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakMemoryBytes({ root: child.pid ?? 0 }));
  }, MEMORY_POLL_MS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearInterval(poll);
  if (exitCode !== 0) throw new Error(`The demo ended with ${exitCode}: ${said.slice(-1_000)}`);
  const report = JSON.parse(readFileSync(jsonFile, 'utf8')) as {
    digest: string;
    phases: Record<string, number>;
    tenants: { entries: number }[];
  };
  return {
    seconds: (performance.now() - startedMs) / 1_000,
    peakGb: peakBytes / 1e9,
    digest: report.digest,
    entries: report.tenants.reduce((sum, { entries }) => sum + entries, 0),
    phases: report.phases,
  };
}
