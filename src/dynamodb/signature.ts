import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Credentials } from './credentials.ts';

export interface RequestToSign {
  credentials: Credentials;
  method: string;
  /** As it is sent. Only S3's may be other than `/`: other services want theirs escaped a second time. */
  path: string;
  /** As it is sent, without `?`: names in order, names and values escaped. */
  query: string;
  /** `20260131T235959Z`. */
  amzDate: string;
  /** All headers to sign, names in small letters and in order; with `host` and `x-amz-date`, values without outer blanks. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signs requests with AWS Signature Version 4 and gives the value of `authorization`.
 *
 * Own code, because signing would be most of a call's CPU: 8 µs here, with the derived key remembered for the day; 40 with
 * aws4, 62 with @smithy/signature-v4 (the oracle of the tests), 170 with aws4fetch.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigner(options: { service: string; region: string }): (request: RequestToSign) => string {
  const { service, region } = options;
  const keys = new WeakMap<Credentials, { day: string; key: KeyObject }>();

  const keyOf = (credentials: Credentials, day: string): KeyObject => {
    const known = keys.get(credentials);
    if (known?.day === day) return known.key;
    const secret = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
      (previous, part) => createHmac('sha256', previous).update(part).digest(),
      `AWS4${credentials.secretAccessKey}`,
    ) as Buffer; // four rounds leave no string
    // As a key object: a key in bytes is turned into one for each signature, which takes 14 us.
    const key = createSecretKey(secret);
    keys.set(credentials, { day, key });
    return key;
  };

  return ({ credentials, method, path, query, amzDate, headers, body }) => {
    const day = amzDate.slice(0, 8);
    let canonical = `${method}\n${path}\n${query}\n`;
    let names = '';
    for (const [name, value] of headers) {
      canonical += `${name}:${value}\n`;
      names += names === '' ? name : `;${name}`;
    }
    canonical += `\n${names}\n${hash('sha256', body)}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const signature = createHmac('sha256', keyOf(credentials, day))
      .update(`${ALGORITHM}\n${amzDate}\n${scope}\n${hash('sha256', canonical)}`)
      .digest('hex');
    return `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  };
}

/** @returns the time as AWS writes it: `20260131T235959Z` */
export function amzDateOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
