import { fullChainName } from '../../core/chain/name.ts';
import { TenantUnknownError } from '../audit.ts';
import type { Looks, Scope } from '../scope.ts';
import type { PlanSource } from '../source.ts';
import { CATALOG_ONLY, TenantReader } from '../tenant-reader.ts';

/** What one task of an audit in pieces is about. */
export interface Piece extends Scope {
  tenantId: string;
  /** Longest that its result may be, in bytes of JSON. */
  maxBytes: number;
}

export interface Plan {
  pieces: Piece[];
  /** All tenants, where items of others are looked for. */
  tenants?: string[];
}

/** A piece reads so many events, or one chain. Two seconds or so, and some 500 MB. */
const EVENTS_A_PIECE = 1_000_000;

/** Most pieces of one tenant, and of an execution: more chains than that share a piece. */
const PIECES_MAX = 17;
const PIECES_OF_ALL_MAX = 40;

/** Bytes of the results of all pieces together, of the 256 KiB that Step Functions passes from state to state. */
const BYTES_OF_ALL = 150_000;

class TooManyTenantsError extends Error {
  constructor(tenants: number) {
    super(`Cannot audit ${tenants} tenants in one execution: name one tenant`);
    this.name = 'TooManyTenantsError';
  }
}

/**
 * Looks how long each chain is and divides the chains into pieces.
 * @param options.tenantId absent: all tenants of the registry
 * @throws TenantUnknownError when a tenant is named that has no journal
 * @throws TooManyTenantsError when there are more than one execution can hold the results of
 */
export async function planAudit(options: {
  source: PlanSource;
  tenantId?: string | undefined;
  eventsAPiece?: number | undefined;
}): Promise<Plan> {
  const { source, tenantId, eventsAPiece = EVENTS_A_PIECE } = options;
  const tenants = tenantId === undefined ? await source.tenants() : [tenantId];
  if (tenants.length > PIECES_OF_ALL_MAX) throw new TooManyTenantsError(tenants.length);
  const scopes: { tenantId: string; scope: Omit<Scope, 'piece'> }[] = [];
  for (const id of tenants) scopes.push({ tenantId: id, scope: await divide(id, source, eventsAPiece) });
  const [only] = scopes;
  if (tenantId !== undefined && only && Object.values(only.scope.looks).every(([, second]) => second === 0))
    throw new TenantUnknownError(tenantId);
  const count = scopes.reduce((sum, { scope }) => sum + scope.pieces.length, 0);
  if (count > PIECES_OF_ALL_MAX) throw new TooManyTenantsError(tenants.length);
  const maxBytes = Math.floor(BYTES_OF_ALL / Math.max(count, 1));
  const pieces = scopes.flatMap(({ tenantId: id, scope }) =>
    scope.pieces.map((_, piece) => ({ tenantId: id, ...scope, piece, maxBytes })),
  );
  return { pieces, ...(tenantId === undefined && { tenants }) };
}

async function divide(tenantId: string, source: PlanSource, eventsAPiece: number): Promise<Omit<Scope, 'piece'>> {
  const catalog = new TenantReader(tenantId, source, { chains: CATALOG_ONLY });
  await catalog.readAll();
  const chains = catalog.chains();
  const first = await headsOf(tenantId, chains, source);
  const second = await headsOf(tenantId, chains, source);
  const looks = Object.fromEntries(
    chains.map((chain): [string, Looks] => [chain, [first.get(chain) ?? 0, second.get(chain) ?? 0]]),
  );
  return { pieces: piecesOf(first, eventsAPiece), looks };
}

/** In order of the chains: neighbours share a piece as long as they are not too long together. */
function piecesOf(lengths: ReadonlyMap<string, number>, eventsAPiece: number): string[][] {
  const pieces: string[][] = [];
  let events = Infinity;
  for (const [chain, length] of lengths) {
    if (events + length > eventsAPiece) {
      pieces.push([]);
      events = 0;
    }
    pieces.at(-1)?.push(chain);
    events += length;
  }
  return pieces.length <= PIECES_MAX ? pieces : piecesOf(lengths, Math.max(eventsAPiece, 1) * 2);
}

async function headsOf(tenantId: string, chains: readonly string[], source: PlanSource): Promise<Map<string, number>> {
  const heads = new Map<string, number>();
  for (const chain of chains) {
    const { sk, last } = (await source.lastItem(fullChainName({ tenantId, chain }))) ?? {};
    heads.set(chain, Math.max(seqOf(sk), seqOf(last)));
  }
  return heads;
}

/** Damaged numbers are reported by who reads the chain. */
function seqOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
