import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const REQUEST_TIMEOUT_MS = 10_000;
/** A token is renewed this long before it expires, so that none expires on its way. */
const RENEWAL_MS = 60_000;

export interface AccessTokenOptions {
  secrets: Pick<SecretsManagerClient, 'send'>;
  /** OAuth 2 endpoint for client credentials. */
  tokenUrl: string;
  clientId: string;
  /** Secrets Manager secret that holds the client secret. */
  clientSecretArn: string;
  /** Space separated. */
  scopes: string;
  now?: () => number;
}

/**
 * Gives bearer tokens by the client-credentials grant (RFC 6749, 4.4). A token is kept until shortly before it expires,
 * and callers at the same time share one request.
 */
export function accessTokens(options: AccessTokenOptions): () => Promise<string> {
  const now = options.now ?? Date.now;
  let token: { text: string; renewAtMs: number } | undefined;
  let renewal: Promise<{ text: string; renewAtMs: number }> | undefined;
  return async () => {
    if (!token || token.renewAtMs <= now()) {
      renewal ??= requestToken(options, now).finally(() => (renewal = undefined));
      token = await renewal;
    }
    return token.text;
  };
}

async function requestToken(
  options: AccessTokenOptions,
  now: () => number,
): Promise<{ text: string; renewAtMs: number }> {
  const { secrets, tokenUrl, clientId, clientSecretArn, scopes } = options;
  const { SecretString: secret } = await secrets.send(new GetSecretValueCommand({ SecretId: clientSecretArn }));
  if (!secret) throw new Error(`Cannot get a token: the secret "${clientSecretArn}" holds no text`);
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body: unknown = response.ok ? await response.json() : undefined;
  if (!isTokenReply(body))
    throw new Error(`Cannot get a token from "${tokenUrl}": it answered with status ${response.status}`);
  return { text: body.access_token, renewAtMs: now() + body.expires_in * 1000 - RENEWAL_MS };
}

function isTokenReply(body: unknown): body is { access_token: string; expires_in: number } {
  if (typeof body !== 'object' || body === null) return false;
  return (
    'access_token' in body &&
    typeof body.access_token === 'string' &&
    'expires_in' in body &&
    typeof body.expires_in === 'number'
  );
}
