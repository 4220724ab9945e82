import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MANIFEST_FILE, PUBLIC_KEY_FILE } from './export-format.ts';
import { ExportUnreadableError, readManifest } from './read-export.ts';
import {
  editManifest,
  makePipe,
  openssl,
  openSoundExport,
  python,
  runVerifier,
  unknownOf,
} from './testing/sound-export.ts';
import { verifyExport } from './verify-export.ts';

const { sound, scratch, keyFile, faultsOf, damaged, remove } = await openSoundExport();
afterAll(remove);

describe('a damage', () => {
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
