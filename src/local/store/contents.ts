import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkKeyFiles, IDENTITY_KEY, KMS, SECRETS } from './key-files.ts';
import { replaceFile } from './replace-file.ts';
import { checkObjects, countObjects, listObjects, OBJECTS, objectsText } from './objects.ts';
import { damaged, StoreError, writingTo } from './store-error.ts';

/** All tables. */
export const DATABASE = 'dynamodb.sqlite';
/** Says that a start on this folder was completed, by which form of it, and what was there then. */
const CONTENTS = 'store.json';
/** Raised when an older local cloud could misread what a newer one keeps. */
const FORMAT = 1;
/** What a local cloud makes once and needs ever after. In folders, every file in them counts. */
const FILES = [DATABASE, IDENTITY_KEY, SECRETS, 'local-secret', OBJECTS];
const FOLDERS = [KMS];

/**
 * Checks that a folder holds what it held after its last start, and that its keys and secrets can be used. A folder that no start was completed on holds nothing yet
 * that could be missed, unless there are objects: digests of a bank whose ledger is not there are what is left of a store.
 * @param options.embedded whether the tables are in the folder, not in another server
 * @throws StoreError
 */
export function checkContents(folder: string, options: { embedded: boolean }): void {
  for (const file of readContents(folder)) {
    if (file === DATABASE && !options.embedded) continue;
    const path = join(folder, file);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw damaged(path, 'it was there at the last start and is missing');
    if (!stats.isFile()) throw damaged(path, 'it is no file');
    // No object may have been kept yet.
    if (stats.size === 0 && file !== OBJECTS) throw damaged(path, 'it is empty');
  }
  checkKeyFiles(folder);
  checkObjects(folder);
  if (options.embedded) checkLedger(folder);
}

/** Objects are made of what is in the database, so it is there before them. Where it is not, a start would begin an empty one. */
function checkLedger(folder: string): void {
  const path = join(folder, DATABASE);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size > 0) return;
  const objects = countObjects(folder);
  if (objects === 0) return;
  const finding = size === undefined ? 'it is missing' : 'it is empty';
  throw damaged(path, `${finding}, and beside it the buckets hold ${objectsText(objects)} of a ledger that was there`);
}

/** @returns whether a start on this folder was completed, or got as far as its database; also where only its objects are left */
export function holdsStore(folder: string): boolean {
  return [CONTENTS, DATABASE].some((file) => existsSync(join(folder, file))) || countObjects(folder) > 0;
}

/**
 * A start that was never completed leaves a store without a list of what it holds, and so does who removes it: there, a look at the
 * folder sees less than elsewhere.
 * @returns that it is so, as a sentence
 */
export function unlistedNote(folder: string): string | undefined {
  const path = join(folder, CONTENTS);
  if (existsSync(path) || !holdsStore(folder)) return undefined;
  return `"${path}" is missing, which says what the store holds after a start: whether other files are missing cannot be told`;
}

/** Notes what is there, at the end of a start. */
export function noteContents(folder: string): void {
  writingTo(folder, () => listObjects(folder));
  const inFolders = FOLDERS.flatMap((name) =>
    existsSync(join(folder, name)) ? readdirSync(join(folder, name)).map((file) => `${name}/${file}`) : [],
  );
  const files = [...FILES, ...inFolders].filter((file) =>
    statSync(join(folder, file), { throwIfNoEntry: false })?.isFile(),
  );
  writingTo(folder, () => replaceFile(join(folder, CONTENTS), `${JSON.stringify({ format: FORMAT, files })}\n`));
}

/** @returns what has to be there; nothing for a new folder */
function readContents(folder: string): string[] {
  const path = join(folder, CONTENTS);
  if (!existsSync(path)) return [];
  let contents: { format?: unknown; files?: unknown };
  try {
    contents = JSON.parse(readFileSync(path, 'utf8')) as typeof contents;
  } catch {
    throw damaged(path, 'it is no JSON');
  }
  const { format, files } = contents ?? {};
  if (typeof format === 'number' && format !== FORMAT) {
    const message = `Cannot use the data folder "${folder}": it was made by another version (store format ${format}, this one knows ${FORMAT}). Use that version, or choose another folder`;
    throw new StoreError('STORE_OF_OTHER_VERSION', message);
  }
  if (format !== FORMAT || !Array.isArray(files) || !files.every((file) => typeof file === 'string'))
    throw damaged(path, 'it does not say what the folder holds');
  return files;
}
