import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../journal/sha256.ts';
import {
  chainFile,
  digestFile,
  formerKeyFile,
  MANIFEST_FILE,
  parseManifest,
  PUBLIC_KEY_FILE,
} from './export-format.ts';
import { createKeySigner, makePrivateKey } from './keys.ts';
import { makeDigest } from './make-digest.ts';
import { rootOf } from './merkle.ts';
import type { Signer } from './port.ts';
import { headText, parseHeads, parseStatement, type Statement, statementText } from './statement.ts';
import { DAMAGES, damageCopy } from './tamper.ts';
import { digestedBank, type DigestedBank, exportBank } from './testing/bank-export.ts';
import { ExportUnreadableError, readManifest } from './read-export.ts';
import { faultsIn, verdictOf, verifyExport } from './verify-export.ts';
import { VERIFIER, writeDigest } from './write-export.ts';

const python = spawnSync('python3', ['--version']).status === 0;
const openssl = spawnSync('openssl', ['version']).status === 0;
// oxlint-disable-next-line no-console -- a verifier that is not tested must not go unnoticed
if (!python || !openssl)
  console.warn('verify.py WAS NOT TESTED: there is no python3, or no openssl for its signatures');

let bank: DigestedBank;
let sound: string;
let scratch: string;
/** The bank's public key, as it was had from elsewhere. */
let keyFile: string;
let key: string;
beforeAll(async () => {
  bank = await digestedBank({ digests: 4 });
  await bank.live('not signed yet');
  sound = await exportBank(bank);
  scratch = await mkdtemp(join(tmpdir(), 'turing-verify-'));
  key = await bank.signer.publicKeyPem();
  keyFile = join(scratch, 'known.pem');
  await writeFile(keyFile, key);
});
afterAll(async () => {
  await rm(sound, { recursive: true });
  await rm(scratch, { recursive: true });
});

/** Verifies with both verifiers, which must say the same. @returns the faults in words */
async function faultsOf(
  folder: string,
  options: { trusted?: boolean; keys?: string[]; kept?: Map<number, string> } = {},
): Promise<string[]> {
  const { trusted = options.keys !== undefined, keys = [keyFile], kept = new Map<number, string>() } = options;
  const publicKeys = await Promise.all(keys.map((file) => readFile(file, 'utf8')));
  const result = await verifyExport(folder, { kept, ...(trusted && { publicKeys }) });
  const verdict = verdictOf(result);
  if (python && openssl) {
    const texts = [...kept].map(([number, hash]) => `${number}:${hash}`);
    const { status, stdout, stderr } = runVerifier([folder, ...(trusted ? keys : []), ...texts]);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(0, -2)).toEqual(verdict);
    expect(stdout.split('\n').at(-2)).toBe(
      `signatures checked by ${trusted ? 'what was given' : 'THE KEY THAT CAME ALONG: compare it'}`,
    );
    expect(status).toBe(faultsIn(result).length > 0 ? 5 : 0);
  }
  return verdict.filter((line) => line.startsWith('FAULT ')).map((line) => line.replace('FAULT ', ''));
}

function runVerifier(args: string[], env = process.env) {
  return spawnSync('python3', [VERIFIER.pathname, ...args], { encoding: 'utf8', env, timeout: 20_000 });
}

/** @returns why nothing can be told of the folder, which both verifiers must say in the same words */
async function unknownOf(folder: string): Promise<string> {
  const error: unknown = await verifyExport(folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof ExportUnreadableError)) throw new Error('Something was told', { cause: error });
  if (python && openssl)
    expect(runVerifier([folder])).toMatchObject({ status: 1, stdout: '', stderr: `${error.message}\n` });
  return error.message.replace(`Cannot verify ${folder}: `, '');
}

/** A pipe in the place of a file: who opened it would wait for ever. */
async function makePipe(path: string): Promise<void> {
  await rm(path, { force: true });
  execFileSync('mkfifo', [path]);
}

/** What somebody wrote down of a digest. */
const keptOf = (...numbers: number[]) =>
  new Map(numbers.map((number) => [number, sha256(bank.digests[number - 1]!.statement)]));

let copies = 0;
async function damaged(damage: (folder: string) => Promise<unknown>): Promise<string> {
  const to = join(scratch, `copy-${(copies += 1)}`);
  await damageCopy({ name: '', title: '', apply: async (folder) => String(await damage(folder)) }, { from: sound, to });
  return to;
}

async function makeFolder(path: string): Promise<void> {
  await rm(path);
  await mkdir(path);
}

const edit = async (path: string, change: (text: string) => string) =>
  writeFile(path, change(await readFile(path, 'utf8')));
const editManifest = (folder: string, change: (text: string) => string) => edit(join(folder, MANIFEST_FILE), change);

/** Signs a digest that says something else, as who has the key may do. */
async function resign(
  folder: string,
  number: number,
  change: Partial<Statement> & { heads_?: string[]; periods_?: string[] },
): Promise<void> {
  const { heads_, periods_, ...said } = change;
  const digest = bank.digests[number - 1]!;
  const [heads, periods] = [heads_ ?? digest.heads, periods_ ?? digest.periods];
  const statement = statementText({
    ...parseStatement(digest.statement)!,
    heads: rootOf(heads),
    events: rootOf(periods),
    ...said,
  });
  const signature = await bank.signer.sign(Buffer.from(statement));
  await writeDigest(folder, { number, statement, signature, heads, periods });
}

describe('an export', () => {
  it('is sound as it is', async () => {
    expect(await faultsOf(sound)).toEqual([]);
    expect(await faultsOf(sound, { trusted: true })).toEqual([]);
    const result = await verifyExport(sound);
    const last = bank.digests.at(-1)!;
    expect(result).toMatchObject({
      tenant: 'CU_TEST',
      chains: 17,
      digests: 4,
      latest: { number: 4, sha256: sha256(last.statement) },
      keys: [last.key],
    });
    expect(result.events).toBeGreaterThan(100);
  });

  it('carries the verifier, which needs 60 lines at most, and runs from the export itself', async () => {
    const text = await readFile(VERIFIER, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    expect(await readFile(join(sound, 'verify.py'), 'utf8')).toBe(text);
    if (!python || !openssl) return;
    expect(execFileSync('python3', [join(sound, 'verify.py')], { encoding: 'utf8' })).toContain('no fault was found');
  });

  it.runIf(python)('is not called sound where signatures cannot be checked', () => {
    const { status, stdout } = spawnSync(
      execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
      [VERIFIER.pathname, sound],
      { encoding: 'utf8', env: { PATH: '' } },
    );
    expect(stdout).toContain('no fault was found');
    expect(stdout).toContain('SIGNATURES NOT CHECKED');
    expect(status).toBe(1);
  });
});

describe('a damage', () => {
  const REASONS: Record<string, RegExp> = {
    byte: /^CU_TEST chain \d\d between seq \d+ and \d+: The lines do not give the hash in digest \d$/,
    drop: /chain \d\d seq \d+: Line \d+ does not begin with its number/,
    'drop-renumber': /chain \d\d between seq \d+ and \d+: The lines do not give the hash in digest \d/,
    append: /chain \d\d seq \d+: The chain goes on after its head at seq \d+/,
    'cut-tail':
      /chain \d\d between seq \d+ and \d+: The chain is cut off: it ends at seq \d+, digest 4 stands at seq \d+/,
    'other-chain': /chain \d\d between seq \d+ and \d+: The lines do not give the hash in digest \d/,
    'other-tenant': /^CU_OTHER chain \d\d between seq \d+ and \d+: The lines do not give the hash in digest \d/,
    swap: /chain \d\d between seq 1 and \d+: The lines do not give the hash in digest 1/,
    rewrite: /chain \d\d between seq \d+ and \d+: The lines do not give the hash in digest \d/,
    'rewrite-digests': /^CU_TEST digests \d to 4: The signature was not made by this key$/,
    'remove-digest': /^CU_TEST digest 2: It is missing$/,
    'remove-digests': /^CU_TEST digest 1: It is missing$/,
    'renumber-digests': /^CU_TEST digest 1: The statement is digest 2 of CU_TEST/,
    forge: /^CU_TEST digests 1 to 4: The signature was not made by this key$/,
    'cut-digest': /^CU_TEST digest 4: It is missing$/,
  };

  it.each(DAMAGES.map((damage) => [damage.name, damage] as const))('%s is caught', async (name, damage) => {
    const to = join(scratch, name);
    const done = await damageCopy(damage, { from: sound, to });
    const faults = await faultsOf(to, {
      trusted: name === 'forge',
      ...(name === 'cut-digest' && { kept: keptOf(4) }),
    });
    expect(faults[0]).toMatch(REASONS[name]!);
    // The place that was damaged lies at the fault or after it, and in the same chain.
    const [, chain, seq] = /^chain (\d\d) seq (\d+)/.exec(done) ?? [];
    const fault = faults.find((each) => each.includes(` chain ${chain} `));
    if (chain !== undefined && fault !== undefined)
      expect(Number(/ seq (\d+)/.exec(fault)?.[1])).toBeLessThanOrEqual(Number(seq));
    expect(await faultsOf(sound)).toEqual([]);
  });

  it.each(['forge', 'cut-digest'])('that agrees with itself needs what is known from elsewhere: %s', async (damage) => {
    const to = join(scratch, `alone-${damage}`);
    await damageCopy(
      DAMAGES.find(({ name }) => name === damage)!,
      { from: sound, to },
    );
    expect(await faultsOf(to)).toEqual([]);
  });

  it('is not named at the chains that are sound', async () => {
    const byte = DAMAGES.find(({ name }) => name === 'byte')!;
    const to = join(scratch, 'one-chain');
    await damageCopy(byte, { from: sound, to });
    expect(await faultsOf(to)).toHaveLength(1);
  });

  const digest = (number: number, part: 'json' | 'sig' | 'heads' | 'periods') => digestFile(number, part);
  const chain = () => chainFile(bank.chain);
  it.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
    ['statement', (f) => edit(join(f, digest(2, 'json')), (t) => t.replace('2026', '2025')), /digest 2: The signature/],
    ['statement’s form', (f) => edit(join(f, digest(2, 'json')), (t) => `${t}\n`), /digest 2: The statement does not/],
    ['signature', (f) => writeFile(join(f, digest(3, 'sig')), 'x'), /digest 3: The signature/],
    ['signature that is missing', (f) => rm(join(f, digest(3, 'sig'))), /digest 3: The signature/],
    ['heads', (f) => edit(join(f, digest(2, 'heads')), (t) => t.replace(/ \d/, ' 9')), /digest 2: The leaves/],
    ['heads that are cut off', (f) => edit(join(f, digest(2, 'heads')), (t) => t.slice(0, -1)), /digest 2: The leaves/],
    ['periods that are missing', (f) => rm(join(f, digest(2, 'periods'))), /digest 2: The leaves/],
    ['last digest', (f) => rm(join(f, digest(4, 'json'))), /digest 4: It is missing$/],
    [
      'digests',
      (f) => rm(join(f, 'digests'), { recursive: true }).then(() => mkdir(join(f, 'digests'))),
      /digest 1: It is missing, with all up to digest 4/,
    ],
    ['chain that is missing', (f) => rm(join(f, chain())), /seq 1: The chain is cut off: it ends at seq 0/],
    [
      'chain in the manifest',
      (f) => editManifest(f, dropChain),
      /digests 1 to 4: The heads are not those of the chains/,
    ],
    [
      'key',
      async (f) => writeFile(join(f, PUBLIC_KEY_FILE), await createKeySigner(makePrivateKey()).publicKeyPem()),
      /digests 1 to 4: The signature/,
    ],
    ['signature, with a pipe', (f) => makePipe(join(f, digest(3, 'sig'))), /digest 3: The signature/],
    ['statement, with a folder', (f) => makeFolder(join(f, digest(2, 'json'))), /digest 2: The statement does not/],
    ['chain, with a pipe', (f) => makePipe(join(f, chain())), /seq 1: The chain is cut off: it ends at seq 0/],
    [
      'folder of the digests, with a file',
      (f) => rm(join(f, 'digests'), { recursive: true }).then(() => writeFile(join(f, 'digests'), '')),
      /digest 1: It is missing, with all up to digest 4$/,
    ],
    ['line’s end', (f) => edit(join(f, chain()), (t) => t.slice(0, -1)), /The last line is cut off/],
    ['rest of a line behind the end', (f) => edit(join(f, chain()), (t) => `${t}x`), /The last line is cut off/],
    ['heads’ end', (f) => edit(join(f, digest(2, 'heads')), (t) => `${t}x`), /digest 2: The leaves/],
    ['periods’ end', (f) => edit(join(f, digest(2, 'periods')), (t) => `${t}x`), /digest 2: The leaves/],
    ['only leaf’s end', (f) => edit(join(f, digest(3, 'periods')), (t) => t.slice(0, -1)), /digest 3: The leaves/],
    [
      'folder of the digests',
      (f) => rm(join(f, 'digests'), { recursive: true }),
      /digest 1: It is missing, with all up to digest 4$/,
    ],
    [
      'tenant in the manifest',
      (f) => editManifest(f, (t) => t.replace('CU_TEST', 'CU_TOAST')),
      /digest 1: The statement is/,
    ],
    [
      'head in the manifest',
      (f) => editManifest(f, (t) => t.replace(/"head": "./, '"head": "x')),
      /head of the manifest/,
    ],
    [
      'digests that are one too many: number 0',
      (f) => writeFile(join(f, digest(0, 'json')), 'x'),
      /digest 0: The statement does not have the form/,
    ],
  ])('of the %s is caught', async (_, damage, reason) => {
    const faults = await faultsOf(await damaged(damage));
    expect(faults.join('\n')).toMatch(reason);
  });

  it.each<[string, RegExp | string, string]>([
    ['fewer digests', '"digests": 4', '"digests": 1'],
    ['no digest', '"digests": 4', '"digests": 0'],
    ['a count written otherwise', '"digests": 4', '"digests": 0.4E1'],
    ['a number written otherwise', /"events": (\d+)/, '"events": $1.0'],
    ['a name that is given twice', '"tenant"', '"tenant": "CU_OTHER",\n  "tenant"'],
    ['other white space', /\n$/, ''],
    ['a letter written otherwise', 'CU_TEST', '\\u0043U_TEST'],
  ])('of the manifest’s bytes is caught by both verifiers: %s', async (_, from, to) => {
    const folder = await damaged((f) => editManifest(f, (text) => text.replace(from, to)));
    expect(await faultsOf(folder)).toEqual(['CU_TEST manifest: It is not written as what was verified']);
  });

  it.each<[string, (text: string) => string | Buffer]>([
    ['nothing', () => ''],
    ['no JSON', () => '{'],
    ['no object', () => '[]'],
    ['no name', () => '{}'],
    ['too many levels', () => '['.repeat(100_000)],
    ['no UTF-8', (text) => Buffer.from(text.replace('export/1', 'export/\u00ff'), 'latin1')],
    ['another format', (text) => text.replace('export/1', 'export/2')],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['a count that is none', (text) => text.replace('"digests": 4', '"digests": true')],
    ['a count that is not whole', (text) => text.replace('"digests": 4', '"digests": 4.5')],
    ['a count below zero', (text) => text.replace('"digests": 4', '"digests": -4')],
    ['a count above all', (text) => text.replace('"digests": 4', '"digests": 1000000000000000')],
    ['a name that no export has', (text) => text.replace('"digests"', '"note": "",\n  "digests"')],
    ['a name that no chain has', (text) => text.replace('"events"', '"note": "",\n  "events"')],
    ['a time that is a number', (text) => text.replace(/"exportedAt": "[^"]*"/, '"exportedAt": 20260102')],
    ['a time that is none', (text) => text.replace(/"exportedAt": "[^"]*"/, '"exportedAt": "\\ud800"')],
    ['chains that are no list', (text) => text.replace(/"chains": \[[^\]]*\]/, '"chains": {}')],
    ['a chain outside of the folder', (text) => text.replace('"chain": "00"', '"chain": "../00"')],
    ['a tenant outside of the folder', (text) => text.replace('"CU_TEST"', '"../x"')],
    ['a tenant that steers a terminal', (text) => text.replace('"CU_TEST"', '"CU\\u001b[2J\\nno fault was found"')],
    ['a chain that steers a terminal', (text) => text.replace('"chain": "00"', '"chain": "00\\u001b[2J"')],
  ])('that makes the manifest none is told by both verifiers: %s', async (_, change) => {
    const folder = await damaged(async (f) => {
      const path = join(f, MANIFEST_FILE);
      await writeFile(path, change(await readFile(path, 'utf8')));
    });
    expect(await unknownOf(folder)).toBe('its manifest.json is none of an export');
  });

  it('of any byte of the manifest leaves both verifiers saying the same', async () => {
    const bytes = await readFile(join(sound, MANIFEST_FILE));
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:.-0159eE \n')));
    const damages = fc.record({ place: fc.nat(bytes.length - 1), byte, removed: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(damages, async ({ place, byte: put, removed }) => {
        const changed = Buffer.concat([bytes.subarray(0, place), Buffer.from([put]), bytes.subarray(place + removed)]);
        const folder = await damaged((f) => writeFile(join(f, MANIFEST_FILE), changed));
        const manifest = await readManifest(folder).catch(() => undefined);
        const told = manifest ? (await faultsOf(folder)).join() : await unknownOf(folder);
        expect(told).toMatch(
          manifest
            ? /^(?:CU_TEST manifest|CU_\w+ digests? |CU_TEST chain |$)/
            : /^its manifest.json is none of an export$/,
        );
      }),
      { numRuns: 25 },
    );
  });

  it('by who has the key is caught by what was signed before', async () => {
    const heads = parseHeads('CU_TEST', bank.digests[1]!.heads)!;
    const before = parseHeads('CU_TEST', bank.digests[0]!.heads)!;
    const at = heads.findIndex((head) => head.chain === bank.chain);
    const headsWith = (head: object) =>
      heads.map((each, index) => headText('CU_TEST', index === at ? { ...each, ...head } : each));
    const { seq } = before[at]!;
    const signed = (change: Parameters<typeof resign>[2], number = 2) => damaged((f) => resign(f, number, change));
    const [first] = bank.digests[1]!.periods;

    expect(await faultsOf(await signed({ previous: sha256('x') }))).toEqual([
      'CU_TEST digest 2: It does not name the digest before it',
    ]);
    expect(await faultsOf(await signed({ at: '2027-01-01T00:00:00.000Z' }))).toEqual([
      'CU_TEST digest 3: It does not name the digest before it',
    ]);
    expect((await faultsOf(await signed({ heads_: headsWith({ seq: seq - 1 }) })))[0]).toBe(
      `CU_TEST digest 2: Chain ${bank.chain} went from seq ${seq} to ${seq - 1}`,
    );
    expect((await faultsOf(await signed({ heads_: headsWith({ seq, hash: sha256('x') }) })))[0]).toBe(
      `CU_TEST digest 2: Chain ${bank.chain} went from seq ${seq} to ${seq}`,
    );
    expect((await faultsOf(await signed({ heads_: headsWith({ hash: sha256('x') }) })))[0]).toContain(
      'CU_TEST digest 3: It does not name',
    );
    expect((await faultsOf(await signed({ periods_: [] })))[0]).toBe(
      'CU_TEST digest 2: The periods are not what lies between the heads',
    );
    const emptyHead = bank.digests[0]!.heads.findIndex((head) => head.includes(' 0 '));
    const strange = bank.digests[0]!.heads.with(
      emptyHead,
      bank.digests[0]!.heads[emptyHead]!.replace(/\w{64}$/, sha256('x')),
    );
    expect((await faultsOf(await signed({ heads_: strange }, 1)))[0]).toMatch(
      /digest 1: Chain \w+ went from seq 0 to 0/,
    );
    // The last digest has no successor that names it: only the lines tell.
    const last = bank.digests[3]!.periods.with(0, bank.digests[3]!.periods[0]!.replace(/\w{64}$/, sha256('x')));
    const [, name] = first!.split(/[# ]/).toSpliced(1, 1);
    expect(await faultsOf(await signed({ periods_: last }, 4))).toEqual([
      expect.stringMatching(
        `CU_TEST chain ${name} between seq \\d+ and \\d+: The lines do not give the root in digest 4`,
      ),
    ]);
  });

  it('of any byte is caught, and both verifiers say the same of it', async () => {
    const names = (await readdir(sound, { recursive: true })).filter((name) =>
      /\.(?:json|sig|heads|periods|ndjson)$/.test(name),
    );
    const damages = fc.record({
      name: fc.constantFrom(...names.filter((name) => name !== MANIFEST_FILE)),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      byte: fc.integer({ min: 0, max: 255 }),
      removed: fc.integer({ min: 0, max: 3 }),
      inserted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(damages, async ({ name, place, byte, removed, inserted }) => {
        const bytes = await readFile(join(sound, name));
        const at = Math.floor(place * bytes.length);
        const middle = inserted ? [Buffer.from([byte])] : [];
        const changed = Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(at + removed)]);
        fc.pre(!changed.equals(bytes));
        const folder = await damaged((f) => writeFile(join(f, name), changed));
        expect(await faultsOf(folder)).not.toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it('finds that chain names have been made up', async () => {
    const other = await damaged((folder) =>
      resign(folder, 1, { heads_: bank.digests[0]!.heads.map((head) => head.replace('CU_TEST', 'CU_TOAST')) }),
    );
    expect((await faultsOf(other))[0]).toBe('CU_TEST digest 1: The heads are not those of the chains that are here');
  });
});

describe('a digest that was kept', () => {
  it('has to be there, the same', async () => {
    expect(await faultsOf(sound, { kept: keptOf(1, 2, 3, 4) })).toEqual([]);
    expect(await faultsOf(sound, { kept: new Map([[2, sha256('x')]]) })).toEqual([
      'CU_TEST digest 2: It is not the one that was kept',
    ]);
    expect(await faultsOf(sound, { kept: new Map([[7, sha256('x')]]) })).toEqual([
      'CU_TEST digest 5: It is missing, with all up to digest 7',
    ]);
  });

  it.runIf(python && openssl)(
    'is compared however its digits are written, and nothing is passed over that is none',
    async () => {
      const [known] = keptOf(2).values();
      expect(runVerifier([sound, `2:${known!.toUpperCase()}`]).status).toBe(0);
      expect(runVerifier([sound, `2:${'AB'.repeat(32)}`]).status).toBe(5);
      const statement = join(sound, digestFile(2, 'json'));
      for (const strange of [
        `02:${known}`,
        `last digest: 2:${known}`,
        `100000002:${known}`,
        `2:${known}0`,
        statement,
        'x',
      ])
        expect(runVerifier([sound, keyFile, strange])).toMatchObject({
          status: 1,
          stdout: '',
          stderr: expect.stringContaining(
            `Cannot use "${strange}": it is no public key on P-256 in PEM, nor the NUMBER`,
          ),
        });
      // No export has both: whichever comes last, the other is not forgotten.
      expect(runVerifier([sound, `2:${sha256('x')}`, `2:${known}`]).status).toBe(1);
    },
  );

  it('is told to be there by both verifiers, also where something else is wrong', async () => {
    const kept = new Map([...keptOf(3, 1), [2, sha256('x')] as const]);
    expect(await faultsOf(sound, { kept })).toEqual(['CU_TEST digest 2: It is not the one that was kept']);
    const verification = await verifyExport(sound, { kept });
    expect(verification.kept).toEqual([1, 3]);
    expect(verdictOf(verification)).toEqual(
      expect.arrayContaining(['digest 1 is the one that was kept', 'digest 3 is the one that was kept']),
    );
    expect(verdictOf(await verifyExport(sound)).join()).not.toContain('was kept');
  });

  it('tells who signs another history with the very key', async () => {
    const other = await digestedBank({ digests: 2, signer: bank.signer });
    await other.live('something else');
    await other.digest();
    const folder = await exportBank(other);
    expect(await faultsOf(folder, { trusted: true })).toEqual([]);
    expect(await faultsOf(folder, { trusted: true, kept: keptOf(3) })).toEqual(
      expect.arrayContaining(['CU_TEST digest 3: It is not the one that was kept']),
    );
    await rm(folder, { recursive: true });
  });
});

describe('what is no export', () => {
  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['no manifest', (f) => rm(join(f, MANIFEST_FILE))],
    ['a manifest that is none', (f) => writeFile(join(f, MANIFEST_FILE), 'null')],
    ['a manifest that is no JSON', (f) => writeFile(join(f, MANIFEST_FILE), '{')],
    [
      'a tenant that steers a terminal',
      (f) => editManifest(f, (t) => t.replace(/"tenant": "[^"]*"/, '"tenant": "CU\\u001b[2J\\nno fault was found"')),
    ],
    ['a chain outside of the folder', (f) => editManifest(f, (t) => t.replace('"chain": "00"', '"chain": "../00"'))],
  ])('is told from a fault: %s', async (_, damage) => {
    await expect(verifyExport(await damaged(damage))).rejects.toThrow(ExportUnreadableError);
  });

  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['it is missing', (f) => rm(join(f, MANIFEST_FILE))],
    ['a folder is there', (f) => rm(join(f, MANIFEST_FILE)).then(() => mkdir(join(f, MANIFEST_FILE)))],
    ['a pipe is there', (f) => makePipe(join(f, MANIFEST_FILE))],
  ])('is told by both verifiers where there is no manifest: %s', async (_, damage) => {
    expect(await unknownOf(await damaged(damage))).toBe('it has no manifest.json');
    expect(await unknownOf(join(scratch, 'nothing'))).toBe('it has no manifest.json');
  });

  it('is told from a fault where there is no public key at all: nobody is called a forger', async () => {
    const without = await damaged((f) => rm(join(f, PUBLIC_KEY_FILE)));
    const lack = 'there is no public key: none was given, and it has no public-key.pem';
    const said = `Cannot verify ${without}: ${lack}`;
    await expect(verifyExport(without, { publicKeys: [] })).rejects.toThrow(new ExportUnreadableError(said));
    expect(await unknownOf(without)).toBe(lack);
    expect(await unknownOf(await damaged((f) => makePipe(join(f, PUBLIC_KEY_FILE))))).toBe(lack);
    expect(await faultsOf(without, { trusted: true })).toEqual([]);
  });

  describe('is told from a fault where what should be a public key is none', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const none: [string, string][] = [
      ['nothing', ''],
      ['junk', 'x'],
      ['a damaged one', publicPem.replace('A', 'B')],
      ['one that is cut off', publicPem.slice(0, 80)],
      ['a private key', privatePem],
      ['a private key of the older form', pair.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
      ['a public key with its private key', publicPem + privatePem],
      ['a key on another curve', other.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ];
    it.each(none)('in the export: %s', async (_, pem) => {
      const folder = await damaged((f) => writeFile(join(f, PUBLIC_KEY_FILE), pem));
      expect(await unknownOf(folder)).toBe('there is no public key: none was given, and its public-key.pem is none');
      expect(await faultsOf(folder, { trusted: true })).toEqual([]);
    });

    it.each(none)('given to the verifier: %s', async (_, pem) => {
      await expect(verifyExport(sound, { publicKeys: [pem] })).rejects.toThrow(ExportUnreadableError);
      if (!python || !openssl) return;
      const file = join(scratch, 'none.pem');
      await writeFile(file, pem);
      const said = `Cannot use "${file}": it is no public key on P-256 in PEM, nor`;
      const refused = { status: 1, stdout: '', stderr: expect.stringContaining(said) };
      expect(runVerifier([sound, file])).toMatchObject(refused);
      expect(runVerifier([sound, keyFile, file])).toMatchObject(refused);
    });
  });

  it.runIf(python)('is told from a fault by the other verifier where the key that is trusted is not there', () => {
    expect(runVerifier([sound, join(scratch, 'nothing.pem')]).status).toBe(1);
  });

  it.runIf(python).each(['-h', '--help'])('is not looked for where help is asked for: %s', (flag) => {
    const said = { status: 0, stdout: expect.stringMatching(/^Checks an export: verify\.py \[FOLDER /), stderr: '' };
    expect(runVerifier([flag])).toMatchObject(said);
    expect(runVerifier([sound, flag])).toMatchObject(said);
  });
});

describe('a key that was replaced', () => {
  const [former, present, forged] = Array.from({ length: 3 }, () => createKeySigner(makePrivateKey()));
  const files = ['former', 'present'];
  let rotated: DigestedBank;
  let folder: string;
  beforeAll(async () => {
    rotated = await digestedBank({ digests: 2, signer: former! });
    await rotated.live('after it was replaced');
    await digestBy(present!, [await former!.publicKeyPem()]);
    for (const [index, signer] of [former!, present!].entries()) {
      files[index] = join(scratch, `${files[index]}.pem`);
      await writeFile(files[index], await signer.publicKeyPem());
    }
    folder = await exportWith({ [PUBLIC_KEY_FILE]: present!, [formerKeyFile(rotated.digests[0]!.key)]: former! });
  });

  const digestBy = async (signer: Signer, formerKeys: string[]) => {
    const { tenant, journal, store } = rotated;
    const now = () => '2026-01-01T01:00:00.000Z';
    const made = await makeDigest({ tenant, journal, store, signer, now, formerKeys });
    if (made.outcome === 'made') rotated.digests.push(made.digest);
  };
  async function exportWith(keys: Record<string, Signer>): Promise<string> {
    const made = await exportBank(rotated);
    await rm(join(made, PUBLIC_KEY_FILE));
    for (const [name, signer] of Object.entries(keys)) await writeFile(join(made, name), await signer.publicKeyPem());
    const to = join(scratch, `rotated-${(copies += 1)}`);
    await rename(made, to);
    return to;
  }

  it('counts for the digests that one of a trusted key binds', async () => {
    expect(await faultsOf(folder)).toEqual([]);
    expect(await faultsOf(folder, { keys: [files[1]!] })).toEqual([]);
    expect(await faultsOf(folder, { keys: files })).toEqual([]);
    const result = await verifyExport(folder);
    expect(result.keys).toEqual([rotated.digests[2]!.key]);
  });

  it('is not followed by any other, unless that is given too', async () => {
    expect(await faultsOf(folder, { keys: [files[0]!] })).toEqual([
      'CU_TEST digest 3: The signature was not made by this key',
    ]);
  });

  it('still has to have signed them', async () => {
    const without = await exportWith({ [PUBLIC_KEY_FILE]: present! });
    expect(await faultsOf(without)).toEqual(['CU_TEST digests 1 to 2: The signature was not made by this key']);
    expect(await faultsOf(without, { keys: files })).toEqual([]);
    const { statement } = rotated.digests[0]!;
    await writeFile(join(folder, digestFile(1, 'sig')), await present!.sign(Buffer.from(`${statement} `)));
    expect(await faultsOf(folder)).toEqual(['CU_TEST digest 1: The signature was not made by this key']);
    await writeFile(join(folder, digestFile(1, 'sig')), rotated.digests[0]!.signature);
  });

  it('lets nobody go on with one of his own, which is called a former one', async () => {
    await rotated.live('forged');
    await digestBy(forged!, [await present!.publicKeyPem()]);
    const names = rotated.digests.map(({ key: id }) => formerKeyFile(id));
    const longer = await exportWith({ [names[0]!]: former!, [PUBLIC_KEY_FILE]: present!, [names[3]!]: forged! });
    expect(await faultsOf(longer)).toEqual(['CU_TEST digest 4: The signature was not made by this key']);
    expect(await faultsOf(longer, { keys: [files[1]!] })).toEqual([
      'CU_TEST digest 4: The signature was not made by this key',
    ]);
  });
});

it('one event, one digest: the words are in the singular', async () => {
  const one = {
    tenant: 'CU_TEST',
    chains: 1,
    events: 1,
    digests: 1,
    kept: [],
    keys: [],
    chainFaults: [],
    digestFaults: [],
  };
  expect(verdictOf(one)[0]).toBe('CU_TEST: 1 chain, 1 event checked, 1 digest');
  const single = await digestedBank({ digests: 1 });
  const folder = await exportBank(single);
  expect(await faultsOf(folder)).toEqual([]);
  expect(verdictOf(await verifyExport(folder))[0]).toMatch(/^CU_TEST: 17 chains, \d+ events checked, 1 digest$/);
  await rm(folder, { recursive: true });
});

function dropChain(text: string): string {
  const manifest = parseManifest(text)!;
  return JSON.stringify({ ...manifest, chains: manifest.chains.filter((each) => each.chain !== '15') });
}
