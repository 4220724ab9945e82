import { type ChainRef, fullChainName } from '../core/chain/name.ts';
import { createsTenant, reservationKey } from './items.ts';
import {
  type AppendResult,
  checkAppendSize,
  type Commit,
  type Journal,
  type Reservation,
  type TenantRegistry,
} from './port.ts';

/** A journal in memory: the reference for every other engine, and the fast one for tests. */
export function createMemoryJournal(): Journal & TenantRegistry {
  const chains = new Map<string, Commit[]>();
  const reservations = new Map<string, Reservation>();
  const commitsOf = (ref: ChainRef) => chains.get(fullChainName(ref)) ?? [];

  return {
    async append({ commits, reservations: wanted }): Promise<AppendResult> {
      checkAppendSize({ commits, reservations: wanted });
      const movedChains = commits
        .filter((commit) => commitsOf(commit).some((existing) => existing.firstSeq === commit.firstSeq))
        .map(({ tenantId, chain }) => ({ tenantId, chain }));
      const taken = wanted.filter((reservation) => reservations.has(reservationKey(reservation)));
      if (movedChains.length > 0 || taken.length > 0) return { outcome: 'rejected', movedChains, taken };
      for (const commit of commits) chains.set(fullChainName(commit), [...commitsOf(commit), commit]);
      for (const reservation of wanted) reservations.set(reservationKey(reservation), reservation);
      return { outcome: 'appended' };
    },
    async *read(ref, { afterSeq }) {
      for (const commit of commitsOf(ref)) if (commit.firstSeq > afterSeq) yield commit;
    },
    async commitAt(ref, seq) {
      return commitsOf(ref).find((commit) => commit.firstSeq <= seq && seq <= commit.lastSeq);
    },
    async taken(wanted) {
      return wanted.filter((reservation) => reservations.has(reservationKey(reservation)));
    },
    async lastCommit(ref) {
      return commitsOf(ref).at(-1);
    },
    async tenants() {
      return [...chains.values()]
        .flat()
        .filter(createsTenant)
        .map((commit) => commit.tenantId)
        .sort();
    },
  };
}
