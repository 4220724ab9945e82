import { chmod, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * Writes a file so that it is there whole or not at all: one that was there before stays as it was until then. Whoever kills this
 * leaves the folder `<path>.partial-…` beside it. What is no regular file, such as `/dev/stdout`, just takes the text.
 * @param path of a file, in a folder that is there
 * @throws errors of the file system
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  if (before?.isFile() === false) {
    await writeFile(path, text);
    return;
  }
  // Where a link stands, the file that it leads to is written.
  const target = before ? await realpath(path) : path;
  const folder = await mkdtemp(`${target}.partial-`);
  try {
    const partial = join(folder, basename(target));
    await writeFile(partial, text, { flush: true });
    if (before) await chmod(partial, before.mode);
    await rename(partial, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
