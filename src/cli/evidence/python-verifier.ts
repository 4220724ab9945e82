import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../exit-codes.ts';
import { VERIFIER } from '../../proof/write-export.ts';

/** @returns why the other verifier cannot be run here, or undefined where it can */
export function pythonLack(): string | undefined {
  const lacks = ([name, argument]: readonly [string, string]) => spawnSync(name, [argument]).status !== 0;
  const missing = [['python3', '--version'] as const, ['openssl', 'version'] as const].filter(lacks);
  return missing.length === 0 ? undefined : `there is no ${missing.map(([name]) => name).join(' and no ')} here`;
}

/**
 * Runs our own `verify.py` on a folder, not the one that lies in it.
 * @param known key files, and digests as `12:<SHA-256>`
 * @returns the faults, such as `CU_DIGITAL chain 07 seq 5: …`; none where its exit code says that there is none
 */
export async function runPythonVerifier(folder: string, known: readonly string[]): Promise<string[]> {
  const child = spawn('python3', [fileURLToPath(VERIFIER), folder, ...known], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const printed = await text(child.stdout);
  const lines = printed.split('\n').filter((line) => line.startsWith('FAULT '));
  return (await ended) === EXIT.breached ? lines.map((line) => line.slice('FAULT '.length)) : [];
}
