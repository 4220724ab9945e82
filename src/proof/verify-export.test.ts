import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../journal/sha256.ts';
import { chainFile, digestFile, MANIFEST_FILE, parseManifest, PUBLIC_KEY_FILE } from './export-format.ts';
import { createKeySigner, makePrivateKey } from './keys.ts';
import { headText, parseHeads } from './statement.ts';
import { DAMAGES, damageCopy } from './tamper.ts';
import { digestedBank, exportBank } from './testing/bank-export.ts';
import {
  edit,
  editManifest,
  makeFolder,
  makePipe,
  openssl,
  openSoundExport,
  python,
  type Resigned,
} from './testing/sound-export.ts';
import { verdictOf, verifyExport } from './verify-export.ts';
import { VERIFIER } from './write-export.ts';

const { bank, sound, scratch, faultsOf, keptOf, damaged, resign, remove } = await openSoundExport();
afterAll(remove);

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

  it('by who has the key is caught by what was signed before', async () => {
    const heads = parseHeads('CU_TEST', bank.digests[1]!.heads)!;
    const before = parseHeads('CU_TEST', bank.digests[0]!.heads)!;
    const at = heads.findIndex((head) => head.chain === bank.chain);
    const headsWith = (head: object) =>
      heads.map((each, index) => headText('CU_TEST', index === at ? { ...each, ...head } : each));
    const { seq } = before[at]!;
    const signed = (change: Resigned, number = 2) => damaged((f) => resign(f, number, change));
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
