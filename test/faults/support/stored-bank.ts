import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RIGHTS } from '../../../src/contract/rights.ts';
import { API_PREFIX } from '../../../src/contract/routes.ts';
import { createLedgerClient } from '../../../src/sdk/client.ts';
import { openBank } from '../../api/support/bank.ts';
import { ACTOR } from '../../support/ledger.ts';
import { createClient } from './client.ts';
import { startLoad } from './load.ts';
import { startUp, type Up } from './up.ts';

export const TENANT = 'CU_TEST';

export function tokenOf(up: Up): Promise<string> {
  return up.owner.issueToken({ subject: ACTOR, tenants: [TENANT], rights: [...RIGHTS], ttlSeconds: 12 * 3_600 });
}

/** Opens a bank over the API. @returns its members' accounts */
export async function openAccounts(up: Up, options: { token: string; members: number }): Promise<string[]> {
  const baseUrl = `${up.address.apiUrl}${API_PREFIX}`;
  const ledger = createLedgerClient({ baseUrl, token: async () => options.token });
  const members = await openBank(ledger, { tenantId: TENANT, members: options.members, deposit: 1_000_000 });
  return members.map(({ accountId }) => accountId);
}

/** A folder that `turing up` has filled and closed, to be damaged in copies. */
export interface StoredBank {
  copy(): string;
  remove(): void;
}

const LOAD_MS = 1_500;

export async function storeBank(): Promise<StoredBank> {
  const base = mkdtempSync(join(tmpdir(), 'turing-stores-'));
  const original = join(base, 'original');
  const up = await startUp({ dataDir: original });
  try {
    const token = await tokenOf(up);
    const accounts = await openAccounts(up, { token, members: 20 });
    const client = createClient({ url: up.address.apiUrl, token, tenantId: TENANT });
    const load = startLoad({ client, tenantId: TENANT, accounts, seed: 'stored', name: 'bank' });
    await sleep(LOAD_MS);
    await load.stop();
    await up.owner.invoke('DigestFunction', { tenantId: TENANT });
    await client.close();
  } finally {
    up.signal('SIGTERM');
    await up.ended;
  }
  let copies = 0;
  return {
    copy() {
      const path = join(base, `copy-${(copies += 1)}`);
      cpSync(original, path, { recursive: true });
      return path;
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}
