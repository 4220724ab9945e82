import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileSync } from '../create-file.ts';
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
    const privateKey = openKey(resource, join(dataDir, 'kms'));
    const key: SigningKey = {
      arn,
      publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
      sign: (message) => sign('sha256', message, privateKey),
    };
    keys.set(arn, key).set(resource.physicalName, key);
  }
  return (keyId) => keys.get(keyId);
}

function openKey(resource: StackResource, folder: string): KeyObject {
  const path = join(folder, `${resource.logicalId}.pem`);
  if (!existsSync(path)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    createFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw unusable(path, cause);
  }
  throw unusable(path);
}

function unusable(path: string, cause?: unknown): Error {
  const way = 'Put the right file back, or use another data folder: a new key would not be the one that signed before';
  return new Error(`Cannot sign with "${path}": it is no private key on P-256. ${way}`, { cause });
}
