import { createPublicKey, verify } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../src/proof/port.ts';

/** A signer whose key never leaves KMS. @param options.keyId id or ARN of a key for signing on P-256 */
export function createKmsSigner({ client, keyId }: { client: KMSClient; keyId: string }): Signer {
  let known: Promise<string> | undefined;
  const publicKeyPem = (): Promise<string> => {
    known ??= readPublicKey(client, keyId).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  return {
    publicKeyPem,
    async sign(bytes) {
      const { Signature } = await client.send(
        new SignCommand({ KeyId: keyId, Message: bytes, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' }),
      );
      // What is kept can never be corrected, so that it was signed is checked before.
      if (!Signature || !verify('sha256', bytes, await publicKeyPem(), Signature))
        throw new Error(`Cannot sign: KMS gave a signature that is none of its key "${keyId}"`);
      return Signature;
    },
  };
}

async function readPublicKey(client: KMSClient, keyId: string): Promise<string> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (!PublicKey) throw new Error(`Cannot read the public key of "${keyId}": KMS gave none`);
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
