import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../credentials.ts';
import type { WireRequest } from './wire-server.ts';

type Data = string | ArrayBuffer | ArrayBufferView;

/** SHA-256 and HMAC as the SDK's signer takes them: of text and bytes. */
class Sha256 {
  readonly #hash;
  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }
  update(data: Data): void {
    this.#hash.update(data as string | Uint8Array);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('Not used');
  }
}

/** The AWS SDK's own signer: the oracle. For S3 it tells the body's sum and escapes no path, as the SDK's client has it. */
export function sdkSigner(options: { service: string; region: string; credentials: Credentials }): SignatureV4 {
  const isS3 = options.service === 's3';
  return new SignatureV4({ ...options, applyChecksum: isS3, uriEscapePath: !isS3, sha256: Sha256 });
}

/** @returns what `authorization` would be had the SDK's signer signed the same headers of a request that came over the wire */
export async function sdkAuthorization(
  { line, headers, body }: WireRequest,
  options: { service: string; region: string; credentials: Credentials },
): Promise<string | undefined> {
  const [method = '', target = ''] = line.split(' ');
  const url = new URL(target, 'http://host');
  const names = /SignedHeaders=([^,]+),/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '') ?? [];
  const { headers: signed } = await sdkSigner(options).sign(
    {
      protocol: 'http:',
      hostname: 'host',
      method,
      path: target.replace(/\?.*/s, ''),
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(names.map((name) => [name, headers[name] ?? ''])),
      body,
    },
    { signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) },
  );
  return signed['authorization'];
}
