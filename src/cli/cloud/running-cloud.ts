import * as z from 'zod';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { unlessStopped } from '../stop-signal.ts';
import type { CloudAddress } from './cloud-file.ts';
import { outputOf } from './execution.ts';

/** What another process can ask of a running cloud, with its owner's secret. */
export interface RunningCloud {
  issueToken(options: { subject: string; tenants: string[]; rights: string[]; ttlSeconds?: number }): Promise<string>;
  invoke(functionId: string, payload: unknown): Promise<unknown>;
  /** Has a state machine run and waits for its end. @returns its output @throws CliError unless it succeeded */
  execute(machineId: string, input: unknown): Promise<unknown>;
  /** Kills a function, or the `streams`. @returns what was killed: `process 4711`, `thread 7`; null where nothing ran */
  kill(part: string): Promise<string | null>;
}

const tokenAnswer = z.object({ token: z.string() });
const killAnswer = z.object({ killed: z.string().nullable() });
const startAnswer = z.object({ executionArn: z.string() });
const describeAnswer = z.object({
  status: z.string(),
  /** JSON. */
  output: z.string().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
const failure = z.object({ errorType: z.string(), errorMessage: z.string() });
/** No function may take longer for its answer; the question for an execution's end is answered much sooner. */
const ANSWER_LIMIT_MS = 15 * 60_000;

/** @param stop ends the waiting for a state machine, which itself goes on */
export function connectCloud(
  { awsUrl, localSecret }: Pick<CloudAddress, 'awsUrl' | 'localSecret'>,
  stop?: AbortSignal,
): RunningCloud {
  const post = (path: string, body: unknown) => ask(path, { method: 'POST', body: JSON.stringify(body) });

  async function ask(path: string, init: RequestInit): Promise<unknown> {
    const response = await request(`${awsUrl}/_local/${path}`, localSecret, init);
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
    invoke: (functionId, payload) => post(`invoke/${encodeURIComponent(functionId)}`, payload),
    async execute(machineId, input) {
      const { executionArn } = startAnswer.parse(await post(`executions/${encodeURIComponent(machineId)}`, input));
      const path = `executions/${encodeURIComponent(executionArn)}`;
      for (;;) {
        const asked = ask(path, { method: 'GET' });
        const { output, ...execution } = describeAnswer.parse(await (stop ? unlessStopped(asked, stop) : asked));
        if (execution.status !== 'RUNNING')
          return outputOf(machineId, { ...execution, output: output === undefined ? undefined : JSON.parse(output) });
      }
    },
    kill: async (part) => killAnswer.parse(await post(`kill/${part}`, {})).killed,
  };
}

async function request(url: string, secret: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, {
      ...init,
      headers: { 'content-type': 'application/json', 'x-local-secret': secret },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
  } catch (cause) {
    throw new CliError(`Cannot reach the cloud at ${url}`, { fix: 'Start it: turing up', cause });
  }
}
