import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireEmptyFolder } from '../../../src/cli/folders.ts';

/** A folder for a drill's store: the one that was asked for, or a temporary one. */
export interface StoreFolder {
  path: string;
  /** Keeps the temporary one too, for who wants to look into it. */
  keep(): void;
}

/**
 * Does a drill's work on a folder of its own. A temporary one goes at the end, also after an error or Ctrl-C.
 * @param options.data what `--data` was given
 * @throws CliError for a folder that cannot be used
 */
export async function withStoreFolder<Result>(
  options: { data: string | undefined; name: string },
  work: (folder: StoreFolder) => Promise<Result>,
): Promise<Result> {
  const { data, name } = options;
  const path = data === undefined ? mkdtempSync(join(tmpdir(), `turing-${name}-`)) : requireEmptyFolder('data', data);
  let kept = data !== undefined;
  try {
    return await work({ path, keep: () => void (kept = true) });
  } finally {
    if (!kept) rmSync(path, { recursive: true, force: true });
  }
}
