import { BATCHED, type Cell } from '../peer.ts';

const ONE_CHAIN = 'accounts of one chain a batch';
const ALL_CHAINS = 'any accounts in a batch';

/** Batches of accounts that one sender groups by the chain their ids name, as PostgreSQL's clients do here; and of any accounts. */
export const BATCHED_BY_SPREAD: readonly Cell[] = [ONE_CHAIN, ALL_CHAINS].flatMap((variant) =>
  BATCHED.map((cell) => ({ ...cell, variant })),
);

export function spreadOf({ variant }: Cell): 'one-chain' | 'all-chains' {
  return variant === ONE_CHAIN ? 'one-chain' : 'all-chains';
}
