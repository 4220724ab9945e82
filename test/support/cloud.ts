import { inject } from 'vitest';
import { API_PREFIX } from '../../src/contract/routes.ts';
import { type Right, RIGHTS } from '../../src/contract/rights.ts';
import { type Cloud, type CloudOptions, startCloud } from '../../src/local/index.ts';
import { createLedgerClient, type LedgerClient } from '../../src/sdk/client.ts';
import { faultsOfAnswer } from '../api/support/documented.ts';
import { createHttp, type HttpAnswer, type HttpRequest } from '../api/support/http.ts';
import { ACTOR } from './ledger.ts';

export interface TokenOptions {
  subject?: string;
  tenants?: string[];
  rights?: readonly Right[];
  ttlSeconds?: number;
}

/** A local cloud from the synthesized template, whose every answer is held against openapi.json. */
export interface TestCloud {
  cloud: Cloud;
  /** What the functions and the local cloud printed. */
  log: string[];
  /** A token of the tests' actor for a tenant, with all rights unless told otherwise. */
  token(options?: TokenOptions): Promise<string>;
  /** The typed SDK with such a token. Fails where an answer is not as documented. */
  ledger(options?: TokenOptions): LedgerClient;
  /** Sends a request as it stands. Fails where the answer is not as documented. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Sends a request as it stands, and does not judge the answer. */
  sendUnjudged(request: HttpRequest): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

/** Starts a cloud of its own for a test file, in half a second or so. */
export async function startTestCloud(cloudOptions: Pick<CloudOptions, 'httpLimits'> = {}): Promise<TestCloud> {
  const log: string[] = [];
  const cloud = await startCloud({
    ...cloudOptions,
    assemblyDir: inject('assemblyDir'),
    log: (line) => log.push(line),
  });
  const http = createHttp(cloud.apiUrl);
  const token = ({ subject = ACTOR, tenants = ['CU_TEST'], rights = RIGHTS, ttlSeconds }: TokenOptions = {}) =>
    cloud.issueToken({ subject, tenants, rights: [...rights], ...(ttlSeconds !== undefined && { ttlSeconds }) });
  return {
    cloud,
    log,
    token,
    ledger(options) {
      const issued = token(options);
      return createLedgerClient({
        baseUrl: `${cloud.apiUrl}${API_PREFIX}`,
        token: () => issued,
        async fetch(request) {
          const response = await fetch(request);
          const { pathname, search } = new URL(request.url);
          const headers = Object.fromEntries(response.headers);
          judge(
            { method: request.method, path: pathname + search },
            { status: response.status, headers, text: await response.clone().text() },
          );
          return response;
        },
      });
    },
    async send(request) {
      const answer = await http.send(request);
      judge(request, answer);
      return answer;
    },
    sendUnjudged: http.send,
    async stop() {
      http.close();
      await cloud.stop();
    },
  };
}

function judge(request: { method: string; path: string }, answer: HttpAnswer): void {
  const faults = faultsOfAnswer(request, answer);
  if (faults.length === 0) return;
  throw new Error(
    `${request.method} ${request.path} was answered with ${answer.status}, against openapi.json: ${faults.join('; ')}\n${answer.text.slice(0, 2_000)}`,
  );
}
