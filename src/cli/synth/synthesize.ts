import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError, cancelled } from '../cli-error.ts';
import { sourcesHash } from './sources-hash.ts';

export interface Synthesis {
  assemblyDir: string;
  /** Whether it was there already. */
  cached: boolean;
}

/** Assemblies kept; the least recently used others are deleted, once no running cloud can still need them. */
const KEPT_ASSEMBLIES = 3;
const UNUSED_MS = 7 * 24 * 60 * 60_000;
/** One that another process may still be writing. */
const STALE_TEMPORARY_MS = 10 * 60_000;
/** Lines of the app's output shown when it fails. */
const SHOWN_LINES = 30;

/**
 * Synthesizes the CDK app, or finds the assembly that the same sources gave before. Several processes may do it at once:
 * an assembly appears whole or not at all.
 * @param options.root folder of bin/app.ts
 * @param options.cacheDir holds the assemblies, a folder for each state of the sources
 * @param options.tenants codes of the tenants that tokens can be issued for; absent: as cdk.json or the app says
 */
export async function synthesize(options: {
  root: string;
  cacheDir: string;
  tenants?: readonly string[];
  now: () => number;
  stop?: AbortSignal;
}): Promise<Synthesis> {
  const { root, cacheDir, tenants, now } = options;
  const context = tenants === undefined ? {} : { tenants };
  const assemblyDir = join(cacheDir, sourcesHash(root, context));
  if (existsSync(join(assemblyDir, 'manifest.json'))) {
    const used = new Date(now());
    utimesSync(assemblyDir, used, used);
    return { assemblyDir, cached: true };
  }
  mkdirSync(cacheDir, { recursive: true });
  const temporary = join(cacheDir, `.tmp-${process.pid}-${now()}`);
  try {
    await runApp({ root, context, outdir: temporary, ...(options.stop && { stop: options.stop }) });
    putInPlace(temporary, assemblyDir);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  prune(cacheDir, now());
  return { assemblyDir, cached: false };
}

/** Runs the app as the CDK CLI would, which hands over folder and context in the environment, but without its start-up. */
async function runApp(options: {
  root: string;
  context: Readonly<Record<string, unknown>>;
  outdir: string;
  stop?: AbortSignal;
}): Promise<void> {
  const child = spawn(process.execPath, ['bin/app.ts'], {
    cwd: options.root,
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      CDK_OUTDIR: options.outdir,
      CDK_CONTEXT_JSON: JSON.stringify(options.context),
      // The rules judge the template and never change it; `cdk synth`, `cdk deploy` and the tests apply them.
      TURING_SYNTH_RULES: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const kill = (): void => void child.kill();
  options.stop?.addEventListener('abort', kill, { once: true });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  options.stop?.removeEventListener('abort', kill);
  if (options.stop?.aborted === true) throw cancelled();
  if (exitCode === 0) return;
  const end = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  throw new CliError(`Cannot synthesize the CDK app: bin/app.ts ended with ${exitCode ?? 'a signal'}\n${end}`, {
    fix: 'Try npx cdk synth, which also checks the rules.',
  });
}

function putInPlace(temporary: string, assemblyDir: string): void {
  try {
    renameSync(temporary, assemblyDir);
  } catch (error) {
    // Another process was faster, with the same content.
    if (!existsSync(join(assemblyDir, 'manifest.json'))) throw error;
  }
}

function prune(cacheDir: string, nowMs: number): void {
  const folders = readdirSync(cacheDir).map((name) => {
    const path = join(cacheDir, name);
    return { name, path, usedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  const old = folders
    .filter(({ name }) => !name.startsWith('.tmp-'))
    .toSorted((a, b) => b.usedMs - a.usedMs)
    .slice(KEPT_ASSEMBLIES)
    .filter(({ usedMs }) => nowMs - usedMs > UNUSED_MS);
  const abandoned = folders.filter(
    ({ name, usedMs }) => name.startsWith('.tmp-') && nowMs - usedMs > STALE_TEMPORARY_MS,
  );
  for (const { path } of [...old, ...abandoned]) rmSync(path, { recursive: true, force: true });
}
