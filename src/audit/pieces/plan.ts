import { fullChainName } from '../../core/chain/name.ts';
import { TenantUnknownError } from '../audit.ts';
import type { Looks, Scope } from '../scope.ts';
import type { PlanSource } from '../source.ts';
import { CATALOG_ONLY, TenantReader } from '../tenant-reader.ts';
import { divided, leastPieces } from './divide.ts';

/** What one task of an audit in pieces is about. */
export interface Piece extends Scope {
  tenantId: string;
  /** Longest that its result may be, in bytes of JSON. */
  maxBytes: number;
  /** All tenants that there are: with its own, the piece looks for items that belong to none of these. One piece of an audit has them. */
  tenants?: readonly string[] | undefined;
}

/** A piece has about so many events, or one chain; a million take some 500 MB. More where the results would not fit. */
const EVENTS_A_PIECE = 1_250_000;

/** Most events of a piece of several chains, unless others are asked for: more than these the function cannot hold. */
const EVENTS_A_PIECE_MAX = 3_000_000;

/** Fewer are one piece: each reads through both tables, which takes longer than the chains of a small tenant. */
const EVENTS_TOGETHER = 200_000;

/** Pieces that an audit has at least where there are enough events for them: they are worked on at the same time. */
const PIECES_AT_ONCE = 2;

/** Most pieces of one tenant, and of an execution: more chains than that share a piece. */
const PIECES_MAX = 17;
const PIECES_OF_ALL_MAX = 40;

/**
 * Bytes of the results of all pieces together, of the 256 KiB (262,144) that Step Functions passes from state to state: the pairs
 * have 40,000, and what belongs to no tenant 12,000, ten tenants that do not exist.
 */
const BYTES_OF_ALL = 205_000;
const STRANGERS_BYTES = 12_000;

/**
 * What the result of a piece takes at the least: all counts, with each type of event, each reason of a refusal, up to 10^8 of
 * each and 10^14 minor units; the name of each of the tenant's chains; the heads of its own, and what it tells of the entries
 * between it and each other piece, in two directions, doubtful or not.
 */
const COUNTS_BYTES = 2_800;
const NAME_BYTES = 6;
const HEAD_BYTES = 112;
const CROSSING_BYTES = 2 * 138;

class TooManyTenantsError extends Error {
  constructor(tenants: number) {
    super(`Cannot audit ${tenants} tenants in one execution: name one tenant`);
    this.name = 'TooManyTenantsError';
  }
}

class TooManyPiecesError extends Error {
  constructor(tenants: readonly string[], eventsMax: number) {
    const [whose, one] = tenants.length > 1 ? [`${tenants.length} tenants`, 'one tenant, or '] : [tenants.join(), ''];
    const size = `${eventsMax.toLocaleString('en')} events at most`;
    super(`Cannot audit ${whose} in pieces of ${size}, there would be too many: name ${one}a larger eventsAPiece`);
    this.name = 'TooManyPiecesError';
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
 * @param options.eventsAPiece most events of a piece that is not one chain alone. Absent: as many as let a tenant that is not small
 * have two pieces, up to 1,250,000; where the results of so many pieces do not fit, pieces are larger, up to three million
 * @throws TenantUnknownError when a tenant is named that has no journal
 * @throws TooManyTenantsError when one execution cannot hold the results of all tenants in pieces that the function can hold
 * @throws TooManyPiecesError when it cannot hold those of a single tenant, or of pieces as small as they were asked for
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
  if (tenantId !== undefined && lengths.every(({ second }) => eventsIn(second) === 0))
    throw new TenantUnknownError(tenantId);
  const atOnce = Math.min(Math.max(Math.ceil(events / PIECES_AT_ONCE), EVENTS_TOGETHER), EVENTS_A_PIECE);
  const { eventsAPiece: about = atOnce, eventsAPiece: eventsMax = EVENTS_A_PIECE_MAX } = options;
  const scopes = fitting(lengths, { about, eventsMax });
  if (!scopes && options.eventsAPiece === undefined && tenants.length > 1)
    throw new TooManyTenantsError(tenants.length);
  if (!scopes) throw new TooManyPiecesError(tenants, eventsMax);
  const share = Math.floor((BYTES_OF_ALL - leastOf(scopes)) / Math.max(countOf(scopes), 1));
  const pieces = scopes.flatMap((scope): Piece[] =>
    scope.pieces.map((own, piece) => ({ ...scope, piece, maxBytes: leastBytes(scope, own) + share })),
  );
  const [first, ...others] = pieces;
  if (tenantId !== undefined || !first) return pieces;
  return [{ ...first, maxBytes: first.maxBytes + STRANGERS_BYTES, tenants }, ...others];
}

/** How many events a piece has: about so many, and at most so many unless it is one chain alone. */
interface Size {
  about: number;
  eventsMax: number;
}

/** @returns pieces of about so many events, or of as few more as let them fit; undefined where the largest do not fit */
function fitting(lengths: readonly Lengths[], { about, eventsMax }: Size): TenantScope[] | undefined {
  const scopesOfAbout = (events: number) => scopesOf(lengths, { about: events, eventsMax });
  let [least, most] = [about, Math.max(about, ...lengths.map(({ events }) => events))];
  if (!doFit(scopesOfAbout(most))) return undefined;
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (doFit(scopesOfAbout(middle))) most = middle;
    else least = middle + 1;
  }
  return scopesOfAbout(most);
}

/** Whether the results of all pieces may pass from state to state. */
function doFit(scopes: readonly TenantScope[]): boolean {
  const isFew = scopes.every(({ pieces }) => pieces.length <= PIECES_MAX);
  return isFew && countOf(scopes) <= PIECES_OF_ALL_MAX && leastOf(scopes) <= BYTES_OF_ALL;
}

function leastOf(scopes: readonly TenantScope[]): number {
  return total(scopes.flatMap((scope) => scope.pieces.map((own) => leastBytes(scope, own))));
}

function leastBytes({ pieces }: TenantScope, own: readonly string[]): number {
  const names = total(pieces.map(({ length }) => length));
  return COUNTS_BYTES + NAME_BYTES * names + HEAD_BYTES * own.length + CROSSING_BYTES * (pieces.length - 1);
}

type TenantScope = Omit<Scope, 'piece'> & { tenantId: string };

function countOf(scopes: readonly TenantScope[]): number {
  return scopes.reduce((sum, { pieces }) => sum + pieces.length, 0);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function eventsIn(lengths: ReadonlyMap<string, number>): number {
  return total([...lengths.values()]);
}

async function lengthsOf(tenantId: string, source: PlanSource): Promise<Lengths> {
  const catalog = new TenantReader(tenantId, source, { chains: CATALOG_ONLY });
  await catalog.readAll();
  const chains = catalog.chains();
  const first = await headsOf(tenantId, chains, source);
  const second = await headsOf(tenantId, chains, source);
  return { tenantId, first, second, events: eventsIn(first) };
}

function scopesOf(lengths: readonly Lengths[], size: Size): TenantScope[] {
  return lengths.map(({ tenantId, first, second, events }) => ({
    tenantId,
    pieces: divided(first, Math.max(piecesOf(events, size.about), leastPieces(first, size.eventsMax))),
    looks: Object.fromEntries(
      [...first].map(([chain, seq]): [string, Looks] => [chain, [seq, second.get(chain) ?? 0]]),
    ),
  }));
}

/** @returns how many pieces: where there are several, as many as leave nobody without one at the end */
function piecesOf(events: number, about: number): number {
  const least = Math.ceil(events / about);
  return least <= 1 ? 1 : Math.min(Math.ceil(least / PIECES_AT_ONCE) * PIECES_AT_ONCE, PIECES_MAX);
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
