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
  /** All tenants that there are: with its own, the piece looks for items that belong to none of these. One piece of an audit has them. */
  tenants?: readonly string[] | undefined;
}

/** A piece has about so many events, or one chain: two seconds or so, and some 500 MB. */
const EVENTS_A_PIECE = 1_000_000;

/** Fewer are one piece: each reads through both tables, which takes longer than the chains of a small tenant. */
const EVENTS_TOGETHER = 200_000;

/** Pieces that an audit has at least where there are enough events for them: they are worked on at the same time. */
const PIECES_AT_ONCE = 2;

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

/** How long a tenant's chains are, looked at twice one after the other. */
interface Lengths {
  tenantId: string;
  first: ReadonlyMap<string, number>;
  second: ReadonlyMap<string, number>;
  /** Of all chains, at the first look. */
  events: number;
}

/**
 * Looks how long each chain is and divides the chains into pieces.
 * @param options.tenantId absent: all tenants of the registry
 * @param options.eventsAPiece absent: as many as let a tenant that is not small have two pieces, a million at most
 * @throws TenantUnknownError when a tenant is named that has no journal
 * @throws TooManyTenantsError when there are more than one execution can hold the results of
 */
export async function planAudit(options: {
  source: PlanSource;
  tenantId?: string | undefined;
  eventsAPiece?: number | undefined;
}): Promise<Piece[]> {
  const { source, tenantId } = options;
  const tenants = tenantId === undefined ? await source.tenants() : [tenantId];
  if (tenants.length > PIECES_OF_ALL_MAX) throw new TooManyTenantsError(tenants.length);
  const lengths: Lengths[] = [];
  for (const id of tenants) lengths.push(await lengthsOf(id, source));
  const events = lengths.reduce((sum, each) => sum + each.events, 0);
  if (tenantId !== undefined && lengths.every(({ second }) => total(second) === 0))
    throw new TenantUnknownError(tenantId);
  const atOnce = Math.min(Math.max(Math.ceil(events / PIECES_AT_ONCE), EVENTS_TOGETHER), EVENTS_A_PIECE);
  let scopes = scopesOf(lengths, options.eventsAPiece ?? atOnce);
  if (countOf(scopes) > PIECES_OF_ALL_MAX) scopes = scopesOf(lengths, options.eventsAPiece ?? EVENTS_A_PIECE);
  const count = countOf(scopes);
  if (count > PIECES_OF_ALL_MAX) throw new TooManyTenantsError(tenants.length);
  const maxBytes = Math.floor(BYTES_OF_ALL / Math.max(count, 1));
  const pieces = scopes.flatMap((scope): Piece[] => scope.pieces.map((_, piece) => ({ ...scope, piece, maxBytes })));
  const [first, ...others] = pieces;
  return tenantId === undefined && first ? [{ ...first, tenants }, ...others] : pieces;
}

type TenantScope = Omit<Scope, 'piece'> & { tenantId: string };

function countOf(scopes: readonly TenantScope[]): number {
  return scopes.reduce((sum, { pieces }) => sum + pieces.length, 0);
}

function total(lengths: ReadonlyMap<string, number>): number {
  return [...lengths.values()].reduce((sum, length) => sum + length, 0);
}

async function lengthsOf(tenantId: string, source: PlanSource): Promise<Lengths> {
  const catalog = new TenantReader(tenantId, source, { chains: CATALOG_ONLY });
  await catalog.readAll();
  const chains = catalog.chains();
  const first = await headsOf(tenantId, chains, source);
  const second = await headsOf(tenantId, chains, source);
  return { tenantId, first, second, events: total(first) };
}

function scopesOf(lengths: readonly Lengths[], eventsAPiece: number): TenantScope[] {
  return lengths.map(({ tenantId, first, second, events }) => ({
    tenantId,
    pieces: divided(first, Math.min(Math.max(Math.ceil(events / eventsAPiece), 1), PIECES_MAX)),
    looks: Object.fromEntries(
      [...first].map(([chain, seq]): [string, Looks] => [chain, [seq, second.get(chain) ?? 0]]),
    ),
  }));
}

/** @returns the chains in their order, in so many pieces at most, of which the longest is as short as can be */
function divided(lengths: ReadonlyMap<string, number>, count: number): string[][] {
  let [least, most] = [0, total(lengths)];
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (inPieces(lengths, middle).length <= count) most = middle;
    else least = middle + 1;
  }
  return inPieces(lengths, most);
}

/** @returns the chains in their order: neighbours share a piece as long as they have no more events together */
function inPieces(lengths: ReadonlyMap<string, number>, eventsMax: number): string[][] {
  const pieces: string[][] = [];
  let events = Infinity;
  for (const [chain, length] of lengths) {
    if (events + length > eventsMax) {
      pieces.push([]);
      events = 0;
    }
    pieces.at(-1)?.push(chain);
    events += length;
  }
  return pieces;
}

async function headsOf(tenantId: string, chains: readonly string[], source: PlanSource): Promise<Map<string, number>> {
  const heads = chains.map(async (chain): Promise<[string, number]> => {
    const { sk, last } = (await source.lastItem(fullChainName({ tenantId, chain }))) ?? {};
    return [chain, Math.max(seqOf(sk), seqOf(last))];
  });
  return new Map(await Promise.all(heads));
}

/** Damaged numbers are reported by who reads the chain. */
function seqOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
