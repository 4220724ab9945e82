import { startTestCloud, type TestCloud } from '../../support/cloud.ts';
import { move } from '../../support/ledger.ts';
import { openBank } from './bank.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { submit } from './submit.ts';

/** A cloud with a small bank, and ways to send it what it should refuse. */
export interface Bench {
  cloud: TestCloud;
  /** Path parameters that name what exists. */
  values: Record<string, string>;
  /** Sends a request with a good token for the tenants CU_TEST, CU_NOWHERE and CU_FRESH; only the first exists. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Posts a body as a command of CU_TEST. */
  post(body: string | Uint8Array, headers?: Record<string, string>): Promise<HttpAnswer>;
  /** Heads of the chains: what was written shows here, and nothing else does. */
  journal(): Promise<unknown>;
  stop(): Promise<void>;
}

export const TENANT = 'CU_TEST';
export const COMMANDS = `/v1/tenants/${TENANT}/commands`;

export async function startBench(options: Parameters<typeof startTestCloud>[0] = {}): Promise<Bench> {
  const cloud = await startTestCloud(options);
  const ledger = cloud.ledger();
  const [member] = await openBank(ledger, { tenantId: TENANT, members: 2 });
  const authorization = `Bearer ${await cloud.token({ tenants: [TENANT, 'CU_NOWHERE', 'CU_FRESH'] })}`;
  const { customerId = '', accountId = '' } = member ?? {};
  const { entityId } = await submit(ledger, move('GL_SALARY', accountId, 1, { id: 'one' }));
  await cloud.cloud.settled();
  const send = (request: HttpRequest) => cloud.send({ ...request, headers: { authorization, ...request.headers } });
  return {
    cloud,
    values: { tenantId: TENANT, customerId, accountId, entryId: entityId, chain: accountId.slice(4, 6), number: '1' },
    send,
    post: (body, headers = { 'content-type': 'application/json' }) =>
      send({ method: 'POST', path: COMMANDS, body, headers }),
    async journal() {
      const { data } = await ledger.GET('/tenants/{tenantId}/chains', { params: { path: { tenantId: TENANT } } });
      return data?.chains.map(({ chain, headSeq, headHash }) => ({ chain, headSeq, headHash }));
    },
    stop: () => cloud.stop(),
  };
}

/** Status and code of a refusal; of a batch that was taken apart, those of its first result. */
export function refusalOf(answer: HttpAnswer): [number, string | undefined] {
  const body = JSON.parse(answer.text) as { error?: string; results?: [{ status: number; body: { error?: string } }] };
  const [first] = body.results ?? [];
  return first ? [first.status, first.body.error] : [answer.status, body.error];
}
