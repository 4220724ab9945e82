import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StoredBank, storeBank, TENANT } from './support/stored-bank.ts';
import { canMount, inMount } from './support/mounts.ts';
import { refusedUp, startUp } from './support/up.ts';
import { turing } from '../demo/turing-process.ts';

let bank: StoredBank;
beforeAll(async () => {
  bank = await storeBank();
});
afterAll(() => bank.remove());

const TURING = join(import.meta.dirname, '../../bin/turing.ts');
const DATABASE = 'dynamodb.sqlite';
const sizeOf = (folder: string) => statSync(join(folder, DATABASE)).size;

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

const digestIn = (folder: string) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const digest = files.find((name) => /^buckets.*\/digests\/\d{8}\.json$/.test(name));
  if (digest === undefined) throw new Error('Expected a digest in the store');
  return digest;
};

/** What is done to a folder, and what `turing up` and `turing doctor` say of it. */
const DAMAGES: [string, (folder: string) => void, RegExp][] = [
  [
    'a truncated store',
    (folder) => truncateSync(join(folder, DATABASE), Math.floor(sizeOf(folder) * 0.6)),
    /dynamodb\.sqlite": SQLite('s check)? says/,
  ],
  [
    'random bytes in the middle of it',
    (folder) => overwrite(join(folder, DATABASE), Math.floor(sizeOf(folder) / 2) + 100, randomBytes(4_096)),
    /dynamodb\.sqlite": (SQLite('s check)? says|item .* cannot be read)/,
  ],
  ['a store of no bytes', (folder) => truncateSync(join(folder, DATABASE)), /dynamodb\.sqlite": it is empty/],
  [
    'a file of another kind in its place',
    (folder) => writeFileSync(join(folder, DATABASE), 'PK\u0003\u0004'.repeat(2_000)),
    /dynamodb\.sqlite": it is no SQLite database/,
  ],
  [
    'a missing store beside its keys',
    (folder) => rmSync(join(folder, DATABASE)),
    /dynamodb\.sqlite": it was there at the last start and is missing/,
  ],
  [
    'digests whose ledger is gone',
    (folder) => {
      for (const name of readdirSync(folder))
        if (name === 'store.json' || name.startsWith(DATABASE)) rmSync(join(folder, name));
    },
    /dynamodb\.sqlite": it is missing, and beside it the buckets hold \d+ objects of a ledger that was there/,
  ],
  [
    'a missing key beside the store',
    (folder) => rmSync(join(folder, 'identity-key.pem')),
    /identity-key\.pem": it was there at the last start and is missing/,
  ],
  [
    'junk in the place of the token issuer’s key',
    (folder) => writeFileSync(join(folder, 'identity-key.pem'), 'junk\n'),
    /identity-key\.pem": it is no private RSA key/,
  ],
  [
    'secrets that are no JSON',
    (folder) => writeFileSync(join(folder, 'secrets.json'), '{'),
    /secrets\.json": it is no JSON/,
  ],
  [
    'junk in the place of the key that signs digests',
    (folder) => writeFileSync(join(folder, 'kms/DigestKey.pem'), 'junk\n'),
    /kms\/DigestKey\.pem": it is no private key on P-256/,
  ],
  [
    'a missing folder of digests',
    (folder) => rmSync(join(folder, 'buckets'), { recursive: true }),
    /buckets": it held \d+ objects and is missing/,
  ],
  [
    'a missing digest',
    (folder) => rmSync(join(folder, digestIn(folder))),
    /digests\/\d{8}\.json": it was kept there and is missing/,
  ],
  [
    'a folder of another version',
    (folder) => writeFileSync(join(folder, 'store.json'), '{"format":99,"files":[]}'),
    /another version \(store format 99, this one knows 1\)/,
  ],
];

describe.each(DAMAGES)('%s', (_, damage, message) => {
  it('keeps the local cloud from starting, which names it, says what to do and changes nothing; so does the doctor', async () => {
    const folder = bank.copy();
    damage(folder);
    const before = sum(folder);
    const { exitCode, said } = await refusedUp({ dataDir: folder });
    expect(said).toMatch(message);
    expect(said).toMatch(/another (one|folder)/);
    expect(said).not.toMatch(/\n +at /);
    expect(exitCode).toBe(1);
    const doctor = await turing(['doctor', '--data', folder]);
    expect(doctor.stdout).toMatch(message);
    expect(doctor.exitCode).toBe(1);
    expect(sum(folder)).toBe(before);
  });
});

describe('an undamaged store', () => {
  it('is sound to the doctor, also while it is used, and starts', async () => {
    const folder = bank.copy();
    const up = await startUp({ dataDir: folder });
    try {
      expect((await turing(['doctor', '--data', folder])).stdout).toMatch(/ok +Store +sound/);
    } finally {
      up.signal('SIGTERM');
      expect((await up.ended).exitCode).toBe(0);
    }
  });
});

describe('a store whose store.json was removed', () => {
  it('is one of which less can be told: the doctor notes it, a start says so on the terminal and writes it anew', async () => {
    const folder = bank.copy();
    rmSync(join(folder, 'store.json'));
    const doctor = await turing(['doctor', '--data', folder]);
    const finding = /"\S+\/store\.json" is missing, which says what the store holds after a start/;
    expect(doctor.stdout).toMatch(/^note +Store +\S+ \S+ at /m);
    expect(doctor.stdout).toMatch(finding);
    expect(doctor.exitCode).toBe(0);
    const up = await startUp({ dataDir: folder });
    try {
      const told = up.said().match(/^store  .*$/gm) ?? [];
      expect(told).toEqual([expect.stringMatching(finding)]);
      expect((await turing(['doctor', '--data', folder])).stdout).toMatch(/ok +Store +sound/);
    } finally {
      up.signal('SIGTERM');
      await up.ended;
    }
  });
});

describe('a journal whose end was cut off while nobody looked', () => {
  it('is told on the terminal once the cloud is up: where, why, and where to read on; the same is not told again', async () => {
    const folder = bank.copy();
    const database = new DatabaseSync(join(folder, DATABASE));
    const newest = `SELECT rowid FROM "TuringCore-JournalTable" WHERE pk LIKE '%#chain#catalog' ORDER BY sk DESC LIMIT 1`;
    const { changes } = database.prepare(`DELETE FROM "TuringCore-JournalTable" WHERE rowid IN (${newest})`).run();
    database.close();
    expect(changes).toBe(1);
    const up = await startUp({ dataDir: folder });
    try {
      const breaches = () => up.said().match(/^breach  .*$/gm) ?? [];
      const told = expect.stringMatching(
        /^breach  HASH_CHAIN of CU_TEST, chain catalog seq \d+: The chain went back: .*cloud\.log; docs\/operating\/runbook\.md/,
      );
      await expect.poll(breaches, { timeout: 20_000 }).toContainEqual(told);
      expect(await up.owner.invoke('DigestFunction', { tenantId: TENANT })).toMatchObject({
        digests: [{ outcome: 'refused' }],
      });
      const log = () => readFileSync(join(folder, 'logs', 'cloud.log'), 'utf8');
      await expect.poll(() => log().match(/The chain went back/g)?.length, { timeout: 20_000 }).toBeGreaterThan(1);
      expect(breaches().filter((line) => line.includes('HASH_CHAIN of CU_TEST, chain catalog'))).toHaveLength(1);
    } finally {
      up.signal('SIGTERM');
      await up.ended;
    }
  });
});

describe('a bank that was deleted from all tables while nobody looked', () => {
  it('is told on the terminal once the cloud is up, chain by chain, by its digests', async () => {
    const folder = bank.copy();
    const database = new DatabaseSync(join(folder, DATABASE));
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'TuringCore-%'")
      .all();
    expect(tables.length).toBeGreaterThan(2);
    for (const { name } of tables) {
      // The registry is an index of the journal's.
      const key = String(name).includes('::') ? 'table_pk' : 'pk';
      database.exec(`DELETE FROM "${String(name)}" WHERE ${key} LIKE '%${TENANT}#%'`);
      const left = database.prepare(`SELECT ${key} AS key FROM "${String(name)}"`).all();
      expect(left).toEqual([]);
    }
    database.close();
    const up = await startUp({ dataDir: folder });
    try {
      const told = () =>
        new Set(up.said().match(/HASH_CHAIN of CU_TEST, chain \S+ seq \d+: The chain went back: .* ends at seq 0/g));
      await expect.poll(() => told().size, { timeout: 20_000 }).toBeGreaterThan(10);
    } finally {
      up.signal('SIGTERM');
      await up.ended;
    }
  }, 60_000);
});

describe.skipIf(!canMount())('a folder that cannot be written', () => {
  it('because its file system is read-only is named', async () => {
    const folder = bank.copy();
    const { exitCode, said } = await refusedUp({
      dataDir: folder,
      prefix: inMount(`mount --bind "${folder}" "${folder}" && mount -o remount,bind,ro "${folder}"`),
    });
    expect(said).toMatch(/(Cannot write to the data folder|a folder that can be written: ).*(read-only|EROFS)/);
    expect(exitCode).not.toBe(0);
  });

  it('is not called damaged by the doctor, and an audit says why it has to write', async () => {
    const folder = bank.copy();
    const [command = '', ...prefix] = inMount(
      `mount --bind "${folder}" "${folder}" && mount -o remount,bind,ro "${folder}"`,
    );
    const run = (name: string) =>
      spawnSync(command, [...prefix, process.execPath, TURING, name, '--data', folder], { encoding: 'utf8' });
    const doctor = run('doctor');
    expect(doctor.stdout).toMatch(
      /fail +Store +\S+ cannot be written: its file system is read-only \(EROFS\)\n.*→ Mount it for writing/,
    );
    expect(doctor.stdout).not.toContain('damaged');
    expect(doctor.status).toBe(1);
    const audit = run('audit');
    expect(audit.stderr).toMatch(/a folder that can be written: .*EROFS.*\n +A store is read by its engine, .*cp -r/);
    expect(audit.status).toBe(2);
  });

  it('because its disk is full is named', async () => {
    const folder = bank.copy();
    const kilobytes = Math.ceil(sizeOf(folder) / 1_024) + 200;
    const { exitCode, said } = await refusedUp({
      dataDir: folder,
      prefix: inMount(
        `cp -r "${folder}" "${folder}.aside" && mount -t tmpfs -o size=${kilobytes}k none "${folder}" && cp -r "${folder}.aside/." "${folder}"; dd if=/dev/zero of="${folder}/filler" bs=1k 2>/dev/null; true`,
      ),
    });
    expect(said).toMatch(/Cannot write to the data folder ".*": its disk is full\. Free space on it/);
    expect(exitCode).toBe(1);
  });
});

/** Of everything but what SQLite and the log make while they look: an index of the write-ahead log, and an empty log. */
function sum(folder: string): string {
  const files = 'find . -type f ! -name "*-shm" ! -name "*.log" ! -empty | sort | xargs sha256sum';
  return spawnSync('sh', ['-c', `cd "$0" && ${files}`, folder]).stdout.toString();
}
