import type { LedgerClient, Schemas } from '../../sdk/client.ts';
import type { Envelope } from '../commands/envelope.ts';
import { LedgerUnavailable, UnexpectedAnswer, type Answer, type Ledger } from './ledger.ts';

const REQUEST_TIMEOUT_MS = 30_000;

/** The ledger behind the generated client. */
export function sdkLedger(client: LedgerClient): Ledger {
  const path = (tenantId: string) => ({ tenantId });
  async function send(tenantId: string, commands: readonly Envelope[], dryRun: boolean): Promise<Answer[]> {
    const { results } = await answered('submitCommandBatch', () =>
      client.POST('/tenants/{tenantId}/commands/batch', {
        params: { path: path(tenantId), ...(dryRun && { query: { dryRun: 'true' as const } }) },
        body: { commands: [...commands] },
        signal: timeout(),
      }),
    );
    return results.map(answerOf);
  }
  return {
    submit: (tenantId, commands) => send(tenantId, commands, false),
    rehearse: (tenantId, commands) => send(tenantId, commands, true),
    customers: (tenantId, page) =>
      answered('listCustomers', () =>
        client.GET('/tenants/{tenantId}/customers', {
          params: { path: path(tenantId), query: page },
          signal: timeout(),
        }),
      ),
    accounts: (tenantId, page) =>
      answered('listAccounts', () =>
        client.GET('/tenants/{tenantId}/accounts', {
          params: { path: path(tenantId), query: page },
          signal: timeout(),
        }),
      ),
    chains: async (tenantId) =>
      (
        await answered('listChains', () =>
          client.GET('/tenants/{tenantId}/chains', { params: { path: path(tenantId) }, signal: timeout() }),
        )
      ).chains,
    trialBalance: (tenantId) =>
      answered('getTrialBalance', () =>
        client.GET('/tenants/{tenantId}/trial-balance', { params: { path: path(tenantId) }, signal: timeout() }),
      ),
  };
}

function timeout(): AbortSignal {
  return AbortSignal.timeout(REQUEST_TIMEOUT_MS);
}

type Reply<Data> = { data?: Data; error?: unknown; response: Response };

/** Makes a request: its data, or LedgerUnavailable where trying again may help, or UnexpectedAnswer. */
async function answered<Data>(operation: string, request: () => Promise<Reply<Data>>): Promise<Data> {
  let reply: Reply<Data>;
  try {
    reply = await request();
  } catch (cause) {
    // Broken connections, timeouts and a token endpoint out of reach all arrive as exceptions.
    throw new LedgerUnavailable(`Cannot reach the ledger for "${operation}": ${String(cause)}`, { cause });
  }
  const { data, error, response } = reply;
  if (isTransient(response.status))
    throw new LedgerUnavailable(`The ledger answered "${operation}" with status ${response.status}`);
  if (data === undefined) {
    throw new UnexpectedAnswer(
      `The ledger answered "${operation}" with status ${response.status}: ${JSON.stringify(error)}`,
    );
  }
  return data;
}

/** 500 is what the API answers for a function that died on the way: with the same keys it is safe to try again. */
function isTransient(status: number): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

function answerOf({ status, body }: Schemas['CommandBatchResult']['results'][number]): Answer {
  if ('status' in body) return { code: body.status, entityId: body.entityId, transient: false, message: '' };
  const code = body.error ?? `STATUS_${status}`;
  const details = body.details ? ` ${JSON.stringify(body.details)}` : '';
  return { code, entityId: '', transient: isTransient(status), message: `${body.message}${details}` };
}
