import * as z from 'zod';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { CloudAddress } from './cloud-file.ts';

/** What another process can ask of a running cloud, with its owner's secret. */
export interface RunningCloud {
  issueToken(options: { subject: string; tenants: string[]; rights: string[]; ttlSeconds?: number }): Promise<string>;
  invoke(functionId: string, payload: unknown): Promise<unknown>;
  /** Kills a function's thread, or that of the `streams`. */
  kill(part: string): Promise<void>;
}

const tokenAnswer = z.object({ token: z.string() });
const failure = z.object({ errorType: z.string(), errorMessage: z.string() });
/** An audit of a large journal takes minutes. */
const ANSWER_LIMIT_MS = 15 * 60_000;

export function connectCloud({ awsUrl, localSecret }: CloudAddress): RunningCloud {
  async function post(path: string, body: unknown): Promise<unknown> {
    const response = await request(`${awsUrl}/_local/${path}`, localSecret, body);
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    if (response.status === 403) {
      throw new CliError(`The cloud at ${awsUrl} does not accept the secret in .turing/cloud.json`, {
        exitCode: EXIT.notAuthorised,
        fix: 'Restart it: stop it with Ctrl-C, then turing up.',
      });
    }
    const failed = failure.safeParse(answer);
    throw new CliError(failed.success ? failed.data.errorMessage : `Cannot do ${path}: HTTP ${response.status}`);
  }
  return {
    issueToken: async (options) => tokenAnswer.parse(await post('token', options)).token,
    invoke: (functionId, payload) => post(`invoke/${functionId}`, payload),
    kill: async (part) => void (await post(`kill/${part}`, {})),
  };
}

async function request(url: string, secret: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-local-secret': secret },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
  } catch (cause) {
    throw new CliError(`Cannot reach the cloud at ${url}`, { fix: 'Start it: turing up', cause });
  }
}
