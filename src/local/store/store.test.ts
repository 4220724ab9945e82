import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDir } from '../data-dir.ts';
import { checkDatabase, examineStore } from './check-database.ts';
import { openBucket } from '../s3/bucket.ts';
import { checkContents, holdsStore, noteContents } from './contents.ts';
import { faultOfDatabase } from './database-check.ts';
import { noteObject } from './objects.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turing-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SIGNING_KEY = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const IDENTITY_KEY = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const database = () => join(folder, 'dynamodb.sqlite');
const check = (embedded = true) => checkContents(folder, { embedded });

/** As the engine has it: a list of tables, and items as JSON. */
function makeDatabase(items: readonly string[]): void {
  const made = new DatabaseSync(database());
  made.exec(`CREATE TABLE _tables (table_name TEXT); INSERT INTO _tables VALUES ('J');
    CREATE TABLE "J" (pk TEXT, sk TEXT, item_json TEXT)`);
  const insert = made.prepare('INSERT INTO "J" VALUES (?, ?, ?)');
  for (const [index, item] of items.entries()) insert.run(`chain ${index}`, '1', item);
  made.close();
}

describe('the contents of a folder', () => {
  it('are what they were after the last start: what is missing or empty is named', () => {
    writeFileSync(database(), 'x');
    mkdirSync(join(folder, 'kms'));
    writeFileSync(join(folder, 'kms', 'Key.pem'), SIGNING_KEY.privateKey);
    noteContents(folder);
    expect(check).not.toThrow();
    rmSync(join(folder, 'kms', 'Key.pem'));
    expect(check).toThrow(/damaged: ".*kms\/Key\.pem": it was there at the last start and is missing/);
    writeFileSync(join(folder, 'kms', 'Key.pem'), SIGNING_KEY.privateKey);
    truncateSync(database());
    expect(check).toThrow(/damaged: ".*dynamodb\.sqlite": it is empty/);
    // The tables are elsewhere then.
    expect(() => check(false)).not.toThrow();
  });

  it('are also the objects in buckets, which come after a start: what is missing or was cut is named', () => {
    const bucket = openBucket(join(folder, 'buckets', 'b'), (key, bytes) => noteObject(folder, `b/${key}`, bytes));
    writeFileSync(database(), 'x');
    noteContents(folder);
    expect(check).not.toThrow();
    const keys = [1, 2, 3].map((number) => `CU_A/digests/0000000${number}.json`);
    for (const key of keys) bucket.create(key, Buffer.from('{}'));
    expect(bucket.create(keys[0]!, Buffer.from('other'))).toBe(false);
    expect(check).not.toThrow();
    noteContents(folder);
    expect(check).not.toThrow();

    const [first, second, third] = keys.map((key) => join(folder, 'buckets', 'b', key));
    truncateSync(first!, 1);
    expect(check).toThrow(/damaged: ".*00000001\.json": it had 2 bytes and has 1\. Nothing/);
    rmSync(second!);
    rmSync(third!);
    expect(check).toThrow(/00000001\.json": it had 2 bytes and has 1; and so on, 3 objects in all/);
    writeFileSync(first!, '{}');
    expect(check).toThrow(/00000002\.json": it was kept there and is missing; and so on, 2 objects in all/);
    rmSync(join(folder, 'buckets'), { recursive: true });
    expect(check).toThrow(/buckets": it held 3 objects and is missing/);
    rmSync(join(folder, 'objects.list'));
    expect(check).toThrow(/objects\.list": it was there at the last start and is missing/);
  });

  it('are noted line by line: one that was cut off as it was written is none, one that says nothing is a damage', () => {
    writeFileSync(join(folder, 'objects.list'), '2 b/ke');
    expect(check).not.toThrow();
    mkdirSync(join(folder, 'buckets'));
    writeFileSync(join(folder, 'objects.list'), '2 b/../../key\n');
    expect(check).toThrow(/objects\.list": it does not say what the buckets hold/);
  });

  it('are noted whole or not at all, also where there is no room for a line', () => {
    const list = join(folder, 'objects.list');
    const before = '2 b/a\n'.repeat(170);
    writeFileSync(list, before);
    const module = JSON.stringify(new URL('./objects.ts', import.meta.url).href);
    const note = `import(${module}).then(({ noteObject }) => noteObject(${JSON.stringify(folder)}, 'b/key', 2))`;
    // No file may have more than two blocks of 512 bytes: four bytes of the line find room.
    const script = ['-c', 'ulimit -f 2; exec "$@"', 'sh', process.execPath, '-e', note];
    const { status, stderr } = spawnSync('sh', script, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringContaining('EFBIG')]);
    expect(readFileSync(list, 'utf8')).toBe(before);
  });

  it('of an earlier version are listed at the next start', () => {
    writeFileSync(database(), 'x');
    openBucket(join(folder, 'buckets', 'b')).create('key', Buffer.from('{}'));
    expect(check).not.toThrow();
    noteContents(folder);
    rmSync(join(folder, 'buckets', 'b', 'key'));
    expect(check).toThrow(/buckets\/b\/key": it was kept there and is missing/);
  });

  it.each([
    ['are only objects', () => undefined],
    ['are only a list of objects that are there', () => noteContents(folder)],
    ['have a database of no bytes beside them', () => writeFileSync(database(), '')],
  ])('that %s are what is left of a store, which is none to begin anew on', async (_, prepare) => {
    const bucket = openBucket(join(folder, 'buckets', 'b'));
    for (const key of ['CU_A/digests/00000001.json', 'keys/0.pem']) bucket.create(key, Buffer.from('{}'));
    prepare();
    rmSync(join(folder, 'store.json'), { force: true });
    const message = /dynamodb\.sqlite": it is (missing|empty), and beside it the buckets hold 2 objects of a ledger/;
    expect(check).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED', message: expect.stringMatching(message) }));
    expect(holdsStore(folder)).toBe(true);
    await expect(examineStore(folder, { embedded: true })).rejects.toThrow(message);
    expect(() => openDataDir(folder)).toThrow(message);
    // The tables are elsewhere then.
    expect(() => check(false)).not.toThrow();
    writeFileSync(database(), 'x');
    expect(check).not.toThrow();
  });

  it('of a folder without anything are no store', () => {
    mkdirSync(join(folder, 'buckets', 'b'), { recursive: true });
    writeFileSync(join(folder, 'objects.list'), '');
    expect(holdsStore(folder)).toBe(false);
    expect(check).not.toThrow();
  });

  it('of a folder on which no start was completed are not judged', () => {
    writeFileSync(database(), '');
    expect(check).not.toThrow();
  });

  it.each([
    ['{', 'STORE_DAMAGED', /store\.json": it is no JSON/],
    ['null', 'STORE_DAMAGED', /store\.json": it does not say what the folder holds/],
    ['{"format":1}', 'STORE_DAMAGED', /store\.json": it does not say what the folder holds/],
    ['{"format":2,"files":[]}', 'STORE_OF_OTHER_VERSION', /another version \(store format 2, this one knows 1\)/],
  ])('described by %s are refused', (text, code, message) => {
    writeFileSync(join(folder, 'store.json'), text);
    expect(check).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('that are refused stay as they are, and the folder is free again', () => {
    writeFileSync(join(folder, 'store.json'), '{"format":1,"files":["local-secret"]}');
    expect(() => openDataDir(folder)).toThrow(/local-secret": it was there/);
    expect(readdirSync(folder)).toEqual(['store.json']);
  });
});

describe('keys and secrets', () => {
  const FILES: [string, string, RegExp][] = [
    ['identity-key.pem', IDENTITY_KEY.privateKey, /it is no private RSA key/],
    ['kms/Key.pem', SIGNING_KEY.privateKey, /it is no private key on P-256/],
    ['secrets.json', '{"Secret":"00ff"}', /it (is no JSON|does not hold secrets by their names)/],
  ];
  const JUNK = ['junk\n', '{', '[]', 'null', '{"a":1}', '{"a":""}', SIGNING_KEY.publicKey, IDENTITY_KEY.publicKey];

  it.each(FILES)(
    'in %s are read at each look: what is none is named by a start and by an examination',
    async (name, content, finding) => {
      const path = join(folder, name);
      mkdirSync(join(folder, 'kms'));
      for (const [file, sound] of FILES) writeFileSync(join(folder, file), sound);
      makeDatabase([]);
      noteContents(folder);
      expect(check).not.toThrow();
      const others = FILES.flatMap(([, other]) => (other === content ? [] : [other]));
      for (const junk of [...JUNK, content.slice(0, content.length / 2), ...(name.endsWith('.json') ? [] : others)]) {
        writeFileSync(path, junk);
        const error = { code: 'STORE_DAMAGED', message: expect.stringMatching(finding) };
        expect(() => openDataDir(folder)).toThrow(expect.objectContaining(error));
        expect(() => openDataDir(folder)).toThrow(`damaged: "${path}": `);
        await expect(examineStore(folder, { embedded: true })).rejects.toMatchObject(error);
        expect(readFileSync(path, 'utf8')).toBe(junk);
      }
      rmSync(path);
      mkdirSync(path);
      rmSync(join(folder, 'store.json'));
      expect(check).toThrow(/it cannot be read \(EISDIR\)/);
    },
  );
});

describe('a folder that cannot be used', () => {
  it('is told apart: a file in its place', () => {
    writeFileSync(database(), '');
    expect(() => openDataDir(database())).toThrow(/^Cannot write to the data folder ".*": it is no folder/);
    expect(() => openDataDir(join(database(), 'below'))).toThrow(/: it is no folder, or lies in none/);
  });
});

describe('the check of a database', () => {
  it('finds nothing in a sound one, in an empty one and in one that is not there', async () => {
    expect(faultOfDatabase(database())).toBeUndefined();
    writeFileSync(database(), '');
    expect(faultOfDatabase(database())).toBeUndefined();
    makeDatabase(['{"a":1}']);
    expect(faultOfDatabase(database())).toBeUndefined();
    const { bytes, note } = await examineStore(folder, { embedded: true });
    expect(bytes).toBeGreaterThan(4_000);
    expect(note).toMatch(/store\.json" is missing, which says what the store holds/);
    noteContents(folder);
    expect(await examineStore(folder, { embedded: true })).toEqual({ bytes, note: undefined });
  });

  it('names an item that is no JSON, whatever is in its key', () => {
    makeDatabase(['{"a":1}', '{"a":"\u0001"}']);
    expect(faultOfDatabase(database())).toBe('item "chain 1" "1" of table "J" cannot be read');
  });

  it('finds a table that is missing, and a database of another kind', () => {
    const other = new DatabaseSync(database());
    other.exec('CREATE TABLE notes (text TEXT)');
    expect(faultOfDatabase(database())).toBe('it is a SQLite database, and none of the DynamoDB engine');
    other.exec("CREATE TABLE _tables (table_name TEXT); INSERT INTO _tables VALUES ('J')");
    expect(faultOfDatabase(database())).toBe('table "J" is missing in it');
    other.close();
  });

  it('sees what is still in the write-ahead log', () => {
    makeDatabase([]);
    const open = new DatabaseSync(database());
    open.exec(`PRAGMA journal_mode = WAL; INSERT INTO "J" VALUES ('late', '1', '{')`);
    expect(faultOfDatabase(database())).toMatch(/item "late" "1"/);
    open.close();
  });

  it('tells a start of the damage, by file and finding', async () => {
    makeDatabase(Array.from({ length: 2_000 }, (_, index) => JSON.stringify({ index })));
    truncateSync(database(), 20_000);
    const told = { folder, log: () => undefined, failed: () => undefined };
    await expect(checkDatabase(told)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      message: expect.stringMatching(/^The store is damaged: ".*dynamodb\.sqlite": SQLite('s check)? says/),
    });
  });
});
