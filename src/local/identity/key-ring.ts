import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFileSync } from '../create-file.ts';
import { IDENTITY_KEY, readIdentityKey } from '../store/key-files.ts';
import { writingTo } from '../store/store-error.ts';

/** The signing key of the local identity provider, kept in the data directory. */
export interface KeyRing {
  keyId: string;
  privateKey: KeyObject;
  /** Throws for a key that was never ours. */
  publicKey(keyId: string): KeyObject;
  /** RFC 7517 key set. */
  jwks(): { keys: Record<string, unknown>[] };
}

const modulusLength = 2_048;

/** @throws StoreError where the file of the key is there and holds none */
export async function openKeyRing(dataDir: string): Promise<KeyRing> {
  const path = join(dataDir, IDENTITY_KEY);
  if (!existsSync(path)) {
    const pair = await promisify(generateKeyPair)('rsa', { modulusLength });
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
    writingTo(dataDir, () => createFileSync(path, pem));
  }
  const privateKey = readIdentityKey(path);
  const publicKey = createPublicKey(privateKey);
  const jwk = publicKey.export({ format: 'jwk' });
  // RFC 7638: the thumbprint names the key, the same after each start.
  const keyId = createHash('sha256')
    .update(JSON.stringify({ e: jwk.e, kty: jwk.kty, n: jwk.n }))
    .digest('base64url');
  return {
    keyId,
    privateKey,
    publicKey(wanted) {
      if (wanted !== keyId) throw new Error(`the key "${wanted}" is not known`);
      return publicKey;
    },
    jwks: () => ({ keys: [{ ...jwk, kid: keyId, alg: 'RS256', use: 'sig' }] }),
  };
}
