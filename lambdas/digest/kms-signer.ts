import { createPublicKey, verify } from 'node:crypto';
import type { Kms } from '../../src/dynamodb/kms.ts';
import type { Signer } from '../../src/proof/port.ts';

/** A signer whose key never leaves KMS. @param options.keyId id or ARN of a key for signing on P-256 */
export function createKmsSigner({ kms, keyId }: { kms: Kms; keyId: string }): Signer {
  let known: Promise<string> | undefined;
  const publicKeyPem = (): Promise<string> => {
    known ??= readPublicKey(kms, keyId).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    publicKeyPem,
    async sign(bytes) {
      const signature = await kms.sign({ keyId, message: bytes, algorithm: 'ECDSA_SHA_256' });
      // What is kept can never be corrected, so that it was signed is checked before.
      if (!verify('sha256', bytes, await publicKeyPem(), signature))
        throw new Error(`Cannot sign: KMS gave a signature that is none of its key "${keyId}"`);
      return signature;
    },
  };
}

async function readPublicKey(kms: Kms, keyId: string): Promise<string> {
  const key = createPublicKey({ key: await kms.publicKey(keyId), format: 'der', type: 'spki' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
