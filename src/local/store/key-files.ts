import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { damaged } from './store-error.ts';

// What a local cloud makes once and cannot make again: each is read here, by who uses it and by who looks at the folder.

export const IDENTITY_KEY = 'identity-key.pem';
export const SECRETS = 'secrets.json';
/** A file for each key that signs. */
export const KMS = 'kms';
const PEM = /^[^.].*\.pem$/;

/** @throws StoreError where one of the files is there and holds something else */
export function checkKeyFiles(folder: string): void {
  const checks: [string, (path: string) => unknown][] = [
    [IDENTITY_KEY, readIdentityKey],
    [SECRETS, readSecrets],
    ...namesIn(join(folder, KMS)).map((name): [string, typeof readSigningKey] => [join(KMS, name), readSigningKey]),
  ];
  for (const [name, read] of checks) {
    const path = join(folder, name);
    if (existsSync(path)) read(path);
  }
}

/** @returns the key that signs tokens. @throws StoreError */
export function readIdentityKey(path: string): KeyObject {
  return readKey(path, 'private RSA key', (key) => key.asymmetricKeyType === 'rsa');
}

/** @returns a key that signs digests. @throws StoreError */
export function readSigningKey(path: string): KeyObject {
  return readKey(path, 'private key on P-256', (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1');
}

/** @returns random secrets by the logical ids of what they are for. @throws StoreError */
export function readSecrets(path: string): Record<string, string> {
  const text = readText(path);
  let secrets: unknown;
  try {
    secrets = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is no JSON');
  }
  const isObject = typeof secrets === 'object' && secrets !== null && !Array.isArray(secrets);
  if (!isObject || !Object.values(secrets as object).every((secret) => typeof secret === 'string' && secret !== ''))
    throw damaged(path, 'it does not hold secrets by their names');
  return secrets as Record<string, string>;
}

function readKey(path: string, what: string, isIt: (key: KeyObject) => boolean): KeyObject {
  const pem = readText(path);
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Told below. What OpenSSL says names neither the file nor what is wrong.
  }
  if (key === undefined || !isIt(key)) throw damaged(path, `it is no ${what}`);
  return key;
}

function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw damaged(path, `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  if (text === '') throw damaged(path, 'it is empty');
  return text;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => PEM.test(name)) : [];
}
