import type { Credentials } from './credentials.ts';
import { environmentCredentials, serviceAddress } from './environment.ts';
import { createSignedService, SELDOM_ASKED, type ServiceClientOptions } from './signed-service.ts';
import { textOf, xmlErrorOf } from './xml-answer.ts';

/** Security Token Service: credentials of a role, for a session with tags. */
export interface RoleSession {
  roleArn: string;
  /** 2 to 64 of letters, digits and `+=,.@-_`. */
  sessionName: string;
  tags: Readonly<Record<string, string>>;
}

export interface ExpiringCredentials extends Credentials {
  readonly expiresAtMs: number;
}

const TIMEOUT_MS = 5_000;
const DURATION_SECONDS = 3_600;

/**
 * Asks for the credentials of a role, as the caller that the environment names.
 * @throws ConfigurationError when no region is set; the function it gives: ServiceError (`AccessDenied`) and faults
 */
export function createAssumeRole(
  options: ServiceClientOptions = {},
): (session: RoleSession) => Promise<ExpiringCredentials> {
  const service = createSignedService({
    ...(options.address ?? serviceAddress('sts')),
    service: 'sts',
    ...SELDOM_ASKED,
    random: options.random ?? Math.random,
    errorOf: xmlErrorOf,
  });
  const credentials = options.credentials ?? (() => environmentCredentials());
  return async ({ roleArn, sessionName, tags }) => {
    const form = new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      DurationSeconds: String(DURATION_SECONDS),
    });
    for (const [index, [key, value]] of Object.entries(tags).entries()) {
      form.set(`Tags.member.${index + 1}.Key`, key);
      form.set(`Tags.member.${index + 1}.Value`, value);
    }
    const { body } = await service.ask({
      credentials,
      headers: [['content-type', 'application/x-www-form-urlencoded']],
      body: form.toString(),
      timeoutMs: TIMEOUT_MS,
    });
    return credentialsOf(body.toString());
  };
}

/** The four values are of base64 letters and times, which XML leaves as they are. */
function credentialsOf(xml: string): ExpiringCredentials {
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => textOf(xml, name));
  const expiresAtMs = Date.parse(expiration ?? '');
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAtMs))
    throw new Error('Cannot read the credentials that STS gave: a field is missing');
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs };
}
