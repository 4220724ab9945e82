import { usageError } from '../cli-error.ts';
import type { LedgerPlace } from './open-ledger.ts';

/** Flags that say where a ledger is. */
export const placeFlags = {
  api: {
    type: 'string',
    description: 'Address of an API elsewhere (default: the running cloud’s)',
    valueHint: 'url',
  },
  token: {
    type: 'string',
    description: 'Bearer token for that API; better in the variable TURING_TOKEN, which no list of processes shows',
    valueHint: 'token',
  },
  data: { type: 'string', description: 'Folder of a store at rest, or of a running cloud', valueHint: 'dir' },
} as const;

/** @throws CliError with exit code 2 where the flags do not go together */
export function placeOf(
  tenantId: string,
  { api, token, data }: { api?: string | undefined; token?: string | undefined; data?: string | undefined },
): LedgerPlace {
  if (api !== undefined && data !== undefined) throw usageError('Give --api or --data, not both');
  if (api === undefined && token !== undefined) throw usageError('Give --token only along with --api');
  return {
    tenantId,
    ...(api !== undefined && { apiUrl: api }),
    ...(token !== undefined && { token }),
    ...(data !== undefined && { dataDir: data }),
  };
}
