import { setTimeout as wait } from 'node:timers/promises';
import { CliError, cancelled } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { whyUnreachable } from './reach-api.ts';

/** What the SDK gives for a request. */
interface Answer<Data> {
  data?: Data | undefined;
  error?: { message?: string } | undefined;
  response: Response;
}

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 200;
/** What may be otherwise in a moment. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/**
 * Reads from the API, again where it is busy or cannot be reached for a moment.
 * @throws CliError that says what the API said: exit code 4 where the token is not enough
 */
export async function readApi<Data>(ask: () => Promise<Answer<Data>>, stop: AbortSignal): Promise<Data> {
  for (let attempt = 1; ; attempt += 1) {
    if (stop.aborted) throw cancelled();
    const answer = await ask().catch((cause: unknown) => {
      if (attempt < ATTEMPTS) return undefined;
      throw new CliError(`Cannot reach the API: ${whyUnreachable(cause)}`, { cause });
    });
    if (answer?.data !== undefined) return answer.data;
    if (answer && !(PASSING.has(answer.response.status) && attempt < ATTEMPTS)) throw refused(answer);
    const seconds = Number(answer?.response.headers.get('retry-after') ?? 0);
    await wait(Math.max(seconds * 1_000, FIRST_WAIT_MS * 2 ** (attempt - 1)), undefined, { signal: stop }).catch(() => {
      throw cancelled();
    });
  }
}

function refused({ error, response }: Answer<unknown>): CliError {
  const { status } = response;
  const said = error?.message ?? 'no reason given';
  if (status === 401 || status === 403)
    return new CliError(`The API refuses the token: ${said}`, {
      exitCode: EXIT.notAuthorised,
      fix: 'Give one for this tenant with the rights queries and compliance.',
    });
  return new CliError(status === 404 ? said : `The API answered ${status}: ${said}`);
}
