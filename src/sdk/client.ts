import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.generated.ts';

export type LedgerClient = Client<paths>;
export type Schemas = components['schemas'];

/**
 * Makes a typed client of the ledger's API.
 * @param options.baseUrl address of the API with its version, such as `https://…/v1`
 * @param options.token gives the bearer token for each request; called every time, so that it can renew it
 * @example
 * const ledger = createLedgerClient({ baseUrl: 'http://127.0.0.1:4510/v1', token: async () => token });
 * const { data, error, response } = await ledger.GET('/tenants/{tenantId}/accounts', {
 *   params: { path: { tenantId: 'CU_DIGITAL' }, query: { limit: 10 } },
 * });
 */
export function createLedgerClient(options: {
  baseUrl: string;
  token: () => Promise<string>;
  fetch?: (request: Request) => Promise<Response>;
}): LedgerClient {
  const client = createClient<paths>({ baseUrl: options.baseUrl, ...(options.fetch && { fetch: options.fetch }) });
  client.use({
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${await options.token()}`);
      return request;
    },
  });
  return client;
}
