import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../journal/sha256.ts';
import { digestFile, formerKeyFile, PUBLIC_KEY_FILE } from './export-format.ts';
import { createKeySigner, makePrivateKey } from './keys.ts';
import { makeDigest } from './make-digest.ts';
import type { Signer } from './port.ts';
import { type DigestedBank, digestedBank, exportBank } from './testing/bank-export.ts';
import { openssl, openSoundExport, python, runVerifier } from './testing/sound-export.ts';
import { verdictOf, verifyExport } from './verify-export.ts';

const { bank, sound, scratch, keyFile, faultsOf, keptOf, remove } = await openSoundExport();
afterAll(remove);

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

describe('a key that was replaced', () => {
  const [former, present, forged] = Array.from({ length: 3 }, () => createKeySigner(makePrivateKey()));
  const files = ['former', 'present'];
  let rotated: DigestedBank;
  let folder: string;
  let copies = 0;
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
