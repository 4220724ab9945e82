import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSync } from '../create-file.ts';
import { KMS, readSigningKey } from '../store/key-files.ts';
import { writingTo } from '../store/store-error.ts';
import type { Stack, StackResource } from '../template/stack.ts';

/** A key of the template that signs. Its private half is a file in the data directory, made once. */
export interface SigningKey {
  arn: string;
  /** SPKI, DER. */
  publicKey: Buffer;
  /** @returns the signature of ECDSA P-256 with SHA-256, DER */
  sign(message: Buffer): Buffer;
}

/**
 * Opens the template's keys for signatures, and makes those that are not there yet.
 * @returns a key by its id or ARN
 * @throws for keys of other kinds, and where a file is there but holds no key: a new one would be another
 */
export function openSigningKeys(stack: Stack, dataDir: string): (keyId: string) => SigningKey | undefined {
  const keys = new Map<string, SigningKey>();
  for (const resource of stack.resources('AWS::KMS::Key')) {
    if (resource.property('KeyUsage') !== 'SIGN_VERIFY') continue;
    const spec = resource.property('KeySpec');
    if (spec !== 'ECC_NIST_P256')
      throw new Error(
        `Cannot create ${resource.logicalId}: the local cloud signs with ECC_NIST_P256, not ${String(spec)}`,
      );
    const arn = stack.arn(resource.logicalId);
    const privateKey = openKey(resource, dataDir);
    const key: SigningKey = {
      arn,
      publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
      sign: (message) => sign('sha256', message, privateKey),
    };
    keys.set(arn, key).set(resource.physicalName, key);
  }
  return (keyId) => keys.get(keyId);
}

function openKey(resource: StackResource, dataDir: string): KeyObject {
  const path = join(dataDir, KMS, `${resource.logicalId}.pem`);
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writingTo(dataDir, () => createFileSync(path, pem));
  }
  return readSigningKey(path);
}
