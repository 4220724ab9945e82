/** Runs one benchmark in this process and sends its outcome to the suite: node bench/one.ts NAME [--full]. For bench/run.ts. */
import { existsSync } from 'node:fs';
import type { Bench, BenchOutcome } from './support/bench.ts';
import { withWorkDir } from './support/cloud.ts';

export type OneAnswer = { title: string; outcome: BenchOutcome | { error: string } };

// A suite that was stopped leaves nothing running.
process.on('disconnect', () => process.exit());
const name = process.argv[2] ?? '';
const file = new URL(`./${name}/index.ts`, import.meta.url);
const answer = await run().catch((error: unknown): OneAnswer => ({ title: name, outcome: { error: textOf(error) } }));
await new Promise((resolve) => (process.send ? process.send(answer, resolve) : resolve(undefined)));
process.exit();

async function run(): Promise<OneAnswer> {
  if (!existsSync(file)) throw new Error(`There is no benchmark "${name}"`);
  const { bench } = (await import(file.href)) as { bench: Bench };
  const outcome = await withWorkDir((workDir) =>
    bench.run({ full: process.argv.includes('--full'), workDir, say: (line) => console.error(`  ${line}`) }),
  );
  return { title: bench.title, outcome };
}

/** With what it came from: the reason is often there. */
function textOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause === undefined ? String(error) : `${String(error)}: ${textOf(cause)}`;
}
