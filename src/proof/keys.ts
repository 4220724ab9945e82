import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Signer } from './port.ts';

const KEY_ID_DIGITS = 16;
const PEM_KIND = /-----BEGIN (.*?)-----/g;

/** @returns the first 16 hex digits of the SHA-256 of a public key's SPKI form in DER. @throws when the PEM is no key */
export function keyIdOf(publicKeyPem: string): string {
  return idOf(createPublicKey(publicKeyPem));
}

/** Public keys by which signatures are checked. */
export class PublicKeys {
  readonly #keys: KeyObject[];

  /** @throws when a PEM is no public key of ECDSA on P-256. A private key is none, nor a certificate, though a key can be had from it */
  constructor(pems: readonly string[]) {
    this.#keys = pems.map((pem) => {
      const kinds = [...pem.matchAll(PEM_KIND)].map(([, kind]) => kind);
      if (kinds.join() !== 'PUBLIC KEY') throw new Error('Cannot check signatures: the PEM is no public key');
      const key = createPublicKey(pem);
      if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
        throw new Error('Cannot check signatures by this public key: it is none of ECDSA on P-256');
      return key;
    });
  }

  get ids(): string[] {
    return this.#keys.map(idOf);
  }

  /** @returns whether one of the keys signed the text */
  signed(text: string, signature: Uint8Array): boolean {
    return this.#keys.some((key) => verify('sha256', Buffer.from(text), key, signature));
  }
}

/** @returns a new private key on P-256, PEM (PKCS #8) */
export function makePrivateKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

/** A signer that holds its key itself. @param privateKeyPem on P-256 */
export function createKeySigner(privateKeyPem: string): Signer {
  const key = createPrivateKey(privateKeyPem);
  const publicKeyPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return {
    publicKeyPem: async () => publicKeyPem,
    sign: async (bytes) => sign('sha256', bytes, key),
  };
}

function idOf(key: KeyObject): string {
  return hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex').slice(0, KEY_ID_DIGITS);
}
