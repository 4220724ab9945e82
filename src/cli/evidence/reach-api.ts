import { CliError, cancelled, codeOf, messageOf } from '../cli-error.ts';

const LIMIT_MS = 10_000;

/** What is wrong with an address, by the codes and messages of `fetch`. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there does not speak HTTPS',
  TimeoutError: `no answer within ${LIMIT_MS / 1_000} s`,
  'bad port': 'its port is one that no web request may be sent to',
};

/**
 * Sends one request to an address, so that a wrong one is told at once: later ones are tried again, since what answered may be
 * away for a moment. Whatever is answered does, also a refusal.
 * @throws CliError that names the address
 */
export async function reachApi(address: string, stop: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(LIMIT_MS)]);
  const response = await fetch(address, { redirect: 'manual', signal }).catch((cause: unknown) => {
    if (stop.aborted) throw cancelled();
    const fix = 'Give --api the address of a ledger, such as https://api.example.com/v1.';
    throw new CliError(`Cannot reach the API at ${address}: ${whyUnreachable(cause)}`, { fix, cause });
  });
  await response.body?.cancel();
}

/** @returns why `fetch` failed: it says no more than that it did, its cause does */
export function whyUnreachable(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const message = messageOf(cause);
  const name = cause instanceof Error ? cause.name : '';
  const code = codeOf(cause);
  const words = WORDS[code ?? ''] ?? WORDS[message] ?? WORDS[name];
  if (words === undefined) return message === '' ? (code ?? name) : message;
  return code === undefined ? words : `${words} (${code})`;
}
