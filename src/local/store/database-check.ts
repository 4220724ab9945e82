import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const MAGIC = 'SQLite format 3\0';
/** SQLite's code for a file that no read could change: it is being written, or locked. */
const BUSY = 5;
const BUSY_WAIT_MS = 5_000;
const KEY_LENGTH = 80;

/**
 * Reads a store's database through and says what is wrong with it: SQLite's own check of every page, and whether every item is
 * JSON, which bytes that were overwritten hardly ever are. A change that leaves both as they were shows in the hash chains only.
 * Nothing is written. Takes as long as the disk needs to read the file.
 * @returns what is wrong, as a clause; undefined for a sound one and for one that is not there or empty
 */
export function faultOfDatabase(path: string): string | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return undefined;
  if (!beginsWith(path, MAGIC)) return 'it is no SQLite database';
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${BUSY_WAIT_MS}`);
    return faultOfPages(database) ?? faultOfItems(database);
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === BUSY) throw error;
    return `SQLite says "${message}"`;
  } finally {
    database?.close();
  }
}

function faultOfPages(database: DatabaseSync): string | undefined {
  const [row] = database.prepare('PRAGMA quick_check(1)').all();
  const finding = row?.['quick_check'];
  return finding === 'ok' ? undefined : `SQLite's check says "${String(finding).replaceAll(/\s+/g, ' ')}"`;
}

/** The engine keeps a list of its tables, and in each the items as JSON. */
function faultOfItems(database: DatabaseSync): string | undefined {
  const names = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .map((row) => String(row['name']));
  const present = new Set(names("SELECT name FROM sqlite_master WHERE type = 'table'"));
  if (present.size === 0) return undefined; // made, and not filled yet
  if (!present.has('_tables')) return 'it is a SQLite database, and none of the DynamoDB engine';
  for (const name of names('SELECT table_name AS name FROM _tables')) {
    if (!present.has(name)) return `table "${name}" is missing in it`;
    const table = `"${name.replaceAll('"', '""')}"`;
    const [row] = database.prepare(`SELECT pk, sk FROM ${table} WHERE NOT json_valid(item_json) LIMIT 1`).all();
    if (row !== undefined) return `item ${quoted(row['pk'])} ${quoted(row['sk'])} of table "${name}" cannot be read`;
  }
  return undefined;
}

/** Keys may be damaged too, and hold anything. */
function quoted(key: unknown): string {
  return JSON.stringify(String(key).slice(0, KEY_LENGTH));
}

function beginsWith(path: string, magic: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(magic.length);
    return readSync(file, head) === head.length && head.toString('latin1') === magic;
  } finally {
    closeSync(file);
  }
}
