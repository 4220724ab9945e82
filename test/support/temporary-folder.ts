import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^turing-tests-(\d+)$/;

/**
 * Global set-up of every project: everything that tests, and the processes they start, put into the folder for temporary files
 * lands in one of this run, which goes at the end. So nothing stays behind, also where a test failed, a worker was ended before
 * its tear-down, or a process was killed. What a run leaves that was itself killed the next one removes.
 */
export default function setup(): (() => void) | undefined {
  const root = tmpdir();
  for (const name of readdirSync(root)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
  // Another project's set-up in this process came before.
  if (NAME.test(root.split('/').at(-1) ?? '')) return undefined;
  const folder = join(root, `turing-tests-${process.pid}`);
  const before = process.env['TMPDIR'];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
