import { resolve } from 'node:path';
import * as z from 'zod';
import { createLedgerClient, type LedgerClient } from '../../sdk/client.ts';
import { CliError, messageOf, usageError } from '../cli-error.ts';
import { type CloudAddress, findCloud, findCloudOf } from '../cloud/cloud-file.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import { connectCloud } from '../cloud/running-cloud.ts';
import type { CommandContext } from '../command.ts';
import { requireStore } from '../folders.ts';
import { PATHS } from '../project-paths.ts';
import { synthesize } from '../synth/synthesize.ts';
import { noCloudRuns } from '../token/issue-token.ts';
import { reachApi } from './reach-api.ts';

/** Whose ledger, and where it is: at an address, in a folder, or at the running cloud's. */
export interface LedgerPlace {
  tenantId: string;
  apiUrl?: string;
  token?: string;
  dataDir?: string;
}

export interface OpenLedger {
  ledger: LedgerClient;
  /** Makes the tenant's next digest. Absent where that cannot be asked for: of an API elsewhere. */
  makeDigest?: () => Promise<MadeDigest>;
  close(): Promise<void>;
}

const digestAnswer = z.object({
  digests: z.array(
    z.object({
      outcome: z.enum(['made', 'unchanged', 'refused']),
      faults: z.array(z.object({ chain: z.string(), seq: z.number(), reason: z.string() })),
    }),
  ),
});
export type MadeDigest = z.infer<typeof digestAnswer>['digests'][number];

type Invoke = (functionId: string, payload: unknown) => Promise<unknown>;
type IssueToken = (claims: {
  subject: string;
  tenants: string[];
  rights: string[];
  ttlSeconds: number;
}) => Promise<string>;

const RIGHTS = ['queries', 'compliance'];
const TOKEN_SECONDS = 12 * 60 * 60;
const API_VERSION = '/v1';
/** The token in a variable does not show in lists of processes. */
const TOKEN_VARIABLE = 'TURING_TOKEN';

/** Opens a ledger for reading through its API. @throws CliError */
export async function openLedger(place: LedgerPlace, context: CommandContext): Promise<OpenLedger> {
  const { apiUrl, dataDir } = place;
  if (apiUrl !== undefined) return openElsewhere({ ...place, apiUrl }, context);
  if (dataDir === undefined) {
    const running = findCloud(PATHS.cloudFile);
    if (running === undefined) throw noCloudRuns();
    return openRunning(place, running);
  }
  const folder = requireStore('data', dataDir);
  const running = findCloudOf(folder, PATHS.cloudFile);
  return running === undefined ? openStore(place, folder, context) : openRunning(place, running);
}

async function openElsewhere(
  place: LedgerPlace & { apiUrl: string },
  { env, stop }: CommandContext,
): Promise<OpenLedger> {
  const token = place.token ?? env[TOKEN_VARIABLE];
  if (token === undefined || token === '')
    throw usageError(`Give --token, or the variable ${TOKEN_VARIABLE}, a token for the API`);
  const url = URL.parse(place.apiUrl);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usageError(`Give --api an address such as https://api.example.com/v1: it is "${place.apiUrl}"`);
  await reachApi(place.apiUrl, stop);
  return { ledger: clientOf(place.apiUrl, token), close: async () => undefined };
}

function openRunning(place: LedgerPlace, address: CloudAddress): Promise<OpenLedger> {
  const { invoke, issueToken } = connectCloud(address);
  return openLocal(place, { apiUrl: address.apiUrl, invoke, issueToken, close: async () => undefined });
}

/** A store at rest: its cloud runs for as long as it is read. */
async function openStore(place: LedgerPlace, dataDir: string, context: CommandContext): Promise<OpenLedger> {
  const { now, stop } = context;
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now, stop });
  const cloud = await openCloud({ assemblyDir, dataDir: resolve(dataDir), port: 0, stop, log: () => undefined });
  try {
    return await openLocal(place, {
      apiUrl: cloud.apiUrl,
      invoke: (functionId, payload) => cloud.invoke(functionId, payload),
      issueToken: (claims) => cloud.issueToken(claims),
      close: () => cloud.stop(),
    });
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

async function openLocal(
  { tenantId }: LedgerPlace,
  cloud: { apiUrl: string; invoke: Invoke; issueToken: IssueToken; close: () => Promise<void> },
): Promise<OpenLedger> {
  const claims = { subject: 'OPERATOR', tenants: [tenantId], rights: RIGHTS, ttlSeconds: TOKEN_SECONDS };
  const token = await cloud.issueToken(claims);
  return {
    ledger: clientOf(cloud.apiUrl, token),
    makeDigest: async () => {
      const answer = await cloud.invoke('DigestFunction', { tenantId }).catch((cause: unknown) => {
        throw notMade(tenantId, messageOf(cause), cause);
      });
      const [made] = digestAnswer.parse(answer).digests;
      if (!made) throw new CliError(`DigestFunction says nothing of ${tenantId}`);
      return made;
    },
    close: cloud.close,
  };
}

/** What the function says of all tenants that were asked for, of which there is one here: `Cannot make digests: CU_A: …`. */
function notMade(tenantId: string, said: string, cause: unknown): CliError {
  if (said.endsWith('there is no such tenant'))
    return new CliError(`There is no tenant ${tenantId} here`, {
      fix: 'turing audit names those that there are.',
      cause,
    });
  return new CliError(said.replace(`Cannot make digests: ${tenantId}: `, ''), { cause });
}

function clientOf(address: string, token: string): LedgerClient {
  const bare = address.replace(/\/+$/, '');
  const baseUrl = bare.endsWith(API_VERSION) ? bare : `${bare}${API_VERSION}`;
  return createLedgerClient({ baseUrl, token: async () => token });
}
