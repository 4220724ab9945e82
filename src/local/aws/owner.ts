import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Functions } from '../functions/functions.ts';
import type { InvocationResult } from '../functions/invocation.ts';
import type { FunctionRuntime } from '../functions/runtime.ts';
import type { Issuer } from '../identity/issuer.ts';
import type { Streams } from '../kinesis/streams.ts';
import type { StateMachines } from '../stepfunctions/machines.ts';
import { json, type Service, type ServiceAnswer } from './endpoint.ts';

const PREFIX = '/_local/';

/** Longest that a question for an execution waits for its end: who asked asks again. */
const END_AWAITED_MS = 20_000;

interface Owned {
  issuer: Issuer;
  functions: Functions;
  machines: Pick<StateMachines, 'arnOf' | 'start' | 'describe' | 'ended'>;
  streams: Pick<Streams, 'kill'>;
  consumed(): unknown;
  /** Calls a function, with more of why where it failed than the function knows. */
  invoke(target: FunctionRuntime, payload: unknown): Promise<InvocationResult>;
}

/**
 * What the owner of a running local cloud may ask from another process, by the secret in its data directory:
 * a token for anybody, a function's answer, a state machine's execution, what was consumed, and the death of a part. AWS has
 * nothing of the kind.
 */
export function createOwnerService({ secret, ...owned }: Owned & { secret: string }): Service {
  const answers = answersOf(owned);
  return async ({ method, path, headers, body }) => {
    if (!path.startsWith(PREFIX)) return undefined;
    if (!isSame(String(headers['x-local-secret']), secret))
      return json(403, { error: 'Forbidden', message: 'The header x-local-secret is missing or wrong' });
    const [, what = '', , id = ''] = /^([a-z]+)(\/(.+))?$/.exec(path.slice(PREFIX.length)) ?? [];
    const answer = answers[`${method} ${what}`];
    if (answer === undefined) return undefined;
    try {
      return await answer(decodeURIComponent(id), body === '' ? {} : JSON.parse(body));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof URIError)
        return json(400, { errorType: error.name, errorMessage: `Cannot read the request: ${error.message}` });
      throw error;
    }
  };
}

type Answer = (id: string, body: unknown) => Promise<ServiceAnswer>;

function answersOf({ issuer, functions, machines, streams, consumed, invoke }: Owned): Record<string, Answer> {
  return {
    async 'POST token'(_id, body) {
      return json(200, { token: await issuer.issue(body as Parameters<Issuer['issue']>[0]) });
    },

    async 'POST invoke'(id, body) {
      const found = lookUp(() => functions.byId(id));
      if ('answer' in found) return found.answer;
      const result = await invoke(found.it, body);
      return result.ok ? json(200, result.value) : json(502, result.error);
    },

    async 'POST executions'(id, body) {
      const found = lookUp(() => machines.arnOf(id));
      if ('answer' in found) return found.answer;
      const { executionArn } = machines.start({ machineArn: found.it, input: body });
      return json(201, { executionArn });
    },

    /** In the form of DescribeExecution; at its end, or as it is after a while. */
    async 'GET executions'(executionArn) {
      const ended = machines.ended(executionArn);
      if (ended === undefined) return notFound(`Cannot find execution "${executionArn}": it was not started here`);
      const waiting = new AbortController();
      const late = sleep(END_AWAITED_MS, undefined, { signal: waiting.signal }).catch(() => undefined);
      await Promise.race([ended, late]);
      waiting.abort();
      return json(200, machines.describe(executionArn));
    },

    async 'POST kill'(part) {
      if (part === 'streams') return json(200, { killed: await streams.kill() });
      const found = lookUp(() => functions.byId(part));
      return 'answer' in found ? found.answer : json(200, { killed: (await found.it.kill()) ?? null });
    },

    'GET consumed': async () => json(200, consumed()),
  };
}

/** @returns what stands under a name, or the answer that says that nothing does */
function lookUp<It>(find: () => It): { it: It } | { answer: ServiceAnswer } {
  try {
    return { it: find() };
  } catch (error) {
    return { answer: notFound((error as Error).message) };
  }
}

function notFound(errorMessage: string): ServiceAnswer {
  return json(404, { errorType: 'NotFound', errorMessage });
}

/** Takes the same time however much of it is right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
