import type { ExpiringCredentials } from './assume-role.ts';
import type { CredentialSource } from './credentials.ts';

/** How long before their end credentials are renewed while they still serve, and from when on requests wait for new ones. */
const RENEW_BEFORE_MS = 5 * 60_000;
const WAIT_BEFORE_MS = 60_000;
/** Between attempts to renew while the old ones still serve. */
const TRY_AGAIN_MS = 10_000;

/**
 * Keeps credentials and renews them before they end. Requests that come while they are asked for share the asking; where it
 * fails and the old ones still serve, they go on serving, else the fault is told to each. Those that the service calls expired
 * before their time (sessions were revoked, a clock is wrong) are renewed at once, unless they have just been.
 */
export function renewedCredentials(ask: () => Promise<ExpiringCredentials>, now: () => number): CredentialSource {
  let known: ExpiringCredentials | undefined;
  let asking: Promise<ExpiringCredentials> | undefined;
  let notBeforeMs = 0;

  const renew = (): Promise<ExpiringCredentials> =>
    (asking ??= ask()
      .then((credentials) => (known = credentials))
      .finally(() => {
        asking = undefined;
        notBeforeMs = now() + TRY_AGAIN_MS;
      }));

  return (expired) => {
    const nowMs = now();
    if (known !== undefined && known === expired && nowMs >= notBeforeMs) known = undefined;
    const serving = known !== undefined && nowMs < known.expiresAtMs ? known : undefined;
    if (serving === undefined) return renew();
    if (nowMs < serving.expiresAtMs - RENEW_BEFORE_MS || nowMs < notBeforeMs) return serving;
    const renewed = renew().catch(() => serving);
    return nowMs < serving.expiresAtMs - WAIT_BEFORE_MS ? serving : renewed;
  };
}
