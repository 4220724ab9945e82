import { BATCHED, type Cell } from '../peer.ts';

const ONE_CHAIN = 'accounts of one chain a batch';
const ALL_CHAINS = 'any accounts in a batch';

/** Batches that their sender groups by the chain which an account's id names, as PostgreSQL's clients have accounts of their own here. */
export const BATCHED_BY_CHAIN: readonly Cell[] = BATCHED.map((cell) => ({ ...cell, variant: ONE_CHAIN }));
export const BATCHED_ANY: readonly Cell[] = BATCHED.map((cell) => ({ ...cell, variant: ALL_CHAINS }));

export function spreadOf({ variant }: Cell): 'one-chain' | 'all-chains' {
  return variant === ONE_CHAIN ? 'one-chain' : 'all-chains';
}
