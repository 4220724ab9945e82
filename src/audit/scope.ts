/**
 * The part of a tenant's chains that one piece of an audit reads. A large tenant is audited in pieces that run side by side;
 * what two pieces tell of the same entry is compared afterwards (`crossings.ts`).
 */
export interface Scope {
  /** All chains of the tenant, those of each piece together. */
  pieces: readonly (readonly string[])[];
  /** Which of the pieces this is. */
  piece: number;
  /** Heads of all chains as they were looked at before any piece began, twice one after the other. */
  looks: Readonly<Record<string, Looks>>;
}

export type Looks = readonly [first: number, second: number];

/** @returns the chains of the piece */
export function chainsOfScope({ pieces, piece }: Scope): ReadonlySet<string> {
  return new Set(pieces[piece]);
}

/** @returns for each chain of the tenant the piece that reads it */
export function pieceOfChain({ pieces }: Pick<Scope, 'pieces'>): ReadonlyMap<string, number> {
  return new Map(pieces.flatMap((chains, piece) => chains.map((chain): [string, number] => [chain, piece])));
}
