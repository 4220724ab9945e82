import { createHmac, hash } from 'node:crypto';
import type { Credentials } from './credentials.ts';

/** A POST to `/`, which is the one kind of request that the JSON and query protocols of AWS make. */
export interface PostToSign {
  credentials: Credentials;
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
 * Own code, because signing is most of a call's CPU: 22 µs here, with the derived key remembered for the day; 50 µs with aws4,
 * 56 with @smithy/signature-v4, 134 with aws4fetch.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigner({ service, region }: { service: string; region: string }): (post: PostToSign) => string {
  const keys = new WeakMap<Credentials, { day: string; key: Buffer }>();

  const keyOf = (credentials: Credentials, day: string): Buffer => {
    const known = keys.get(credentials);
    if (known?.day === day) return known.key;
    const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${credentials.secretAccessKey}`,
    ) as Buffer; // four rounds leave no string
    keys.set(credentials, { day, key });
    return key;
  };

  return ({ credentials, amzDate, headers, body }) => {
    const day = amzDate.slice(0, 8);
    let canonical = 'POST\n/\n\n';
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
