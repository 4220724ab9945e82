import type { Credentials, CredentialSource } from './credentials.ts';
import { ConfigurationError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type ServiceName = 'dynamodb' | 'sts' | 'kms' | 's3';

/** Where a service is, and in which region requests are signed for. */
export interface ServiceAddress {
  region: string;
  /** `http:` or `https:`, nothing behind host and port. */
  endpoint: URL;
}

/**
 * Reads what the AWS SDK reads too: `AWS_REGION`, and an address that stands in for the service's own,
 * `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`.
 * @throws ConfigurationError
 */
export function serviceAddress(service: ServiceName, environment: Environment = process.env): ServiceAddress {
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (!region) throw new ConfigurationError('Set AWS_REGION: requests are signed for a region');
  if (!/^[a-z0-9-]+$/.test(region)) throw new ConfigurationError(`Cannot use the region "${region}": set AWS_REGION`);
  const name = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const given =
    environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true'
      ? undefined
      : environment[name] || environment['AWS_ENDPOINT_URL'];
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { region, endpoint: endpointOf(given ?? `https://${service}.${region}.${suffix}`, name) };
}

/** @throws ConfigurationError */
export function endpointOf(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new ConfigurationError(`Cannot use "${text}" as ${name}: give http(s)://host[:port]`);
  return url;
}

/**
 * Reads the credentials that Lambda puts into a function's environment.
 * @throws ConfigurationError
 */
export function environmentCredentials(environment: Environment = process.env): Credentials {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey)
    throw new ConfigurationError('Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: requests are signed with them');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** The environment's credentials as of the first request: the same object for each, by which derived keys are remembered. */
export function rememberedEnvironment(): CredentialSource {
  let known: Credentials | undefined;
  return () => (known ??= environmentCredentials());
}
