import { expect, test } from 'vitest';
import { createLedgerClient } from '../../sdk/client.ts';
import { LedgerUnavailable, UnexpectedAnswer } from './ledger.ts';
import { sdkLedger } from './sdk-ledger.ts';

function ledgerAnswering(reply: (request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const client = createLedgerClient({
    baseUrl: 'http://ledger.example/v1',
    token: async () => 'token',
    fetch: async (request) => {
      requests.push(request);
      return reply(request);
    },
  });
  return { ledger: sdkLedger(client), requests };
}

const violation = {
  commandId: 'c',
  error: 'InsufficientFunds',
  invariant: 'ACCOUNT_CONSTRAINTS',
  message: 'Too little',
  details: { balance: 1 },
};

test('reads the answers of a batch', async () => {
  const accepted = {
    commandId: 'c',
    status: 'ACCEPTED',
    correlationId: 'e',
    acceptedAt: '',
    entityId: 'acc_07_1',
    events: [],
  };
  const busy = { error: 'ServiceUnavailable', message: 'Busy' };
  const results = [
    { status: 202, body: accepted },
    { status: 422, body: violation },
    { status: 503, body: busy },
  ];
  const { ledger, requests } = ledgerAnswering(() => Response.json({ results }));
  expect(await ledger.submit('CU_DIGITAL', [])).toEqual([
    { code: 'ACCEPTED', entityId: 'acc_07_1', transient: false, message: '' },
    { code: 'InsufficientFunds', entityId: '', transient: false, message: 'Too little {"balance":1}' },
    { code: 'ServiceUnavailable', entityId: '', transient: true, message: 'Busy' },
  ]);
  expect(requests[0]?.url).toBe('http://ledger.example/v1/tenants/CU_DIGITAL/commands/batch');
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer token');
});

test('pages by limit and offset', async () => {
  const { ledger, requests } = ledgerAnswering(() => Response.json({ accounts: [], total: 0, limit: 10, offset: 20 }));
  await ledger.accounts('CU_DIGITAL', { limit: 10, offset: 20, customerId: 'cust_07_1' });
  expect(requests[0]?.url).toBe(
    'http://ledger.example/v1/tenants/CU_DIGITAL/accounts?limit=10&offset=20&customerId=cust_07_1',
  );
});

test.each([429, 500, 502, 503, 504])('status %i says: later', async (status) => {
  const { ledger } = ledgerAnswering(() => Response.json({ message: 'later' }, { status }));
  await expect(ledger.chains('CU_DIGITAL')).rejects.toThrow(LedgerUnavailable);
});

test('a broken connection says: later; a refusal of the whole request does not', async () => {
  const broken = ledgerAnswering(() => Promise.reject(new TypeError('fetch failed')));
  await expect(broken.ledger.trialBalance('CU_DIGITAL')).rejects.toThrow(LedgerUnavailable);
  const refused = ledgerAnswering(() => Response.json({ error: 'Forbidden', message: 'no' }, { status: 403 }));
  await expect(refused.ledger.customers('CU_DIGITAL', { limit: 1, offset: 0 })).rejects.toThrow(UnexpectedAnswer);
  await expect(refused.ledger.customers('CU_DIGITAL', { limit: 1, offset: 0 })).rejects.toThrow(
    /listCustomers.*403.*Forbidden/,
  );
});
