import { createHash, type Hash } from 'node:crypto';
import type { CommandMark } from '../contract/events.ts';
import { chainOfId } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { type Looks, pieceOfChain, type Scope } from './scope.ts';
import type { AwayEvent, Transfers, TransferSide } from './transfers.ts';

/** All that a piece tells of the entries between its chains and those of another piece, in one direction. */
export interface Crossing {
  /** The other piece. */
  with: number;
  /** Balance updates on the away chains, and events there, those of closures too. */
  legs: number;
  events: number;
  /** SHA-256 over all halves, chain by chain in their order: equal where both pieces tell the same. */
  digest: string;
  /** Whether equal digests prove nothing: both pieces have to be read together. */
  doubtful?: boolean;
}

export interface Crossings extends Transfers {
  result(): { out: Crossing[]; in: Crossing[]; balanceMinor: bigint };
}

interface Strand {
  home: string;
  away: string;
  legs: number;
  events: number;
  legHash: Hash;
  eventHash: Hash;
  doubtful: boolean;
}

/**
 * Entries between the chains of a piece and those of others. Halves of entries within the piece meet as ever; of those that leave
 * it only a hash is kept. It has the halves that stood on the away chain at the first look: they were written before any
 * piece began to read, so that both pieces have them whatever is written meanwhile, and both can tell by the sequence number
 * there, which the home chain has in the mark of the command.
 */
export function createCrossings(inner: Transfers, scope: Scope): Crossings {
  const pieceOf = pieceOfChain(scope);
  const strands = { out: new Map<string, Strand>(), in: new Map<string, Strand>() };
  let announced: { causationId: string; others: NonNullable<CommandMark['others']> } | undefined;
  let balanceMinor = 0n;

  /** Whether a chain is read by another piece; chains that the tenant does not have are nobody's, and show here. */
  const isElsewhere = (chain: string): boolean => (pieceOf.get(chain) ?? scope.piece) !== scope.piece;
  const looksAt = (chain: string): Looks => scope.looks[chain] ?? [0, 0];

  function strandOf(side: 'out' | 'in', home: string, away: string): Strand {
    const key = `${home} ${away}`;
    let strand = strands[side].get(key);
    if (!strand) {
      const hashes = { legHash: createHash('sha256'), eventHash: createHash('sha256') };
      strand = { home, away, legs: 0, events: 0, ...hashes, doubtful: false };
      strands[side].set(key, strand);
    }
    return strand;
  }

  function addLeg(strand: Strand, side: TransferSide): void {
    const { entryId, accountId, deltaMinor, valueDate, causationId, occurredAt } = side;
    strand.legs += 1;
    strand.legHash.update(`${entryId} ${accountId} ${deltaMinor} ${valueDate} ${causationId} ${occurredAt}\n`);
  }

  function addEvent(strand: Strand, seq: number, causationId: string): void {
    strand.events += 1;
    strand.eventHash.update(`${seq} ${causationId}\n`);
  }

  function announceElsewhere(chain: string, seq: number, { causationId, place }: AwayEvent): void {
    const [first, second] = looksAt(chain);
    const strand = strandOf('out', place.chain, chain);
    if (seq <= first) addEvent(strand, seq, causationId);
    // What its own chain held at the first look was on the other at the second.
    else if (seq > second && place.seq <= looksAt(place.chain)[0]) strand.doubtful = true;
  }

  return {
    leg(side) {
      const away = chainOfId(side.accountId) ?? '';
      if (!isElsewhere(away)) return inner.leg(side);
      balanceMinor += BigInt(side.deltaMinor);
      const home = side.place.chain;
      const others = announced?.causationId === side.causationId ? announced.others : [];
      const seq = others.find(({ chain }) => chain === away)?.seq;
      const isBefore = seq === undefined ? (side.place.seq ?? 0) <= looksAt(home)[0] : seq <= looksAt(away)[0];
      if (isBefore) addLeg(strandOf('out', home, away), side);
    },

    update(side) {
      const home = chainOfId(side.entryId) ?? '';
      if (!isElsewhere(home)) return inner.update(side);
      balanceMinor -= BigInt(side.deltaMinor);
      const away = side.place.chain;
      if ((side.place.seq ?? 0) > looksAt(away)[0]) return;
      const strand = strandOf('in', home, away);
      addLeg(strand, side);
      // Only the home chain tells when it was booked, only this one when it may be.
      if (side.maturesOn !== undefined) strand.doubtful = true;
    },

    announced(others, mark) {
      announced = { causationId: mark.causationId, others };
      const here = others.filter(({ chain }) => !isElsewhere(chain));
      if (here.length > 0) inner.announced(here, mark);
      for (const { chain, seq } of others) if (isElsewhere(chain)) announceElsewhere(chain, seq, mark);
    },

    happened(event, home) {
      if (!isElsewhere(home)) return inner.happened(event, home);
      const { chain, seq } = event.place;
      if (seq <= looksAt(chain)[0]) addEvent(strandOf('in', home, chain), seq, event.causationId);
    },

    mark: () => inner.mark(),
    finish: (accountExists) => inner.finish(accountExists),

    result: () => ({
      out: crossingsOf([...strands.out.values()], ({ away }) => pieceOf.get(away) ?? 0),
      in: crossingsOf([...strands.in.values()], ({ home }) => pieceOf.get(home) ?? 0),
      balanceMinor,
    }),
  };
}

function crossingsOf(strands: readonly Strand[], otherOf: (strand: Strand) => number): Crossing[] {
  const groups = Map.groupBy(strands, otherOf);
  return [...groups]
    .toSorted(([a], [b]) => a - b)
    .map(([other, group]) => {
      const lines = group
        .filter(({ legs, events }) => legs + events > 0)
        .map(({ home, away, legHash, eventHash }) => `${home} ${away} ${digestOf(legHash)} ${digestOf(eventHash)}\n`);
      const doubtful = group.some((strand) => strand.doubtful);
      return {
        with: other,
        legs: group.reduce((sum, { legs }) => sum + legs, 0),
        events: group.reduce((sum, { events }) => sum + events, 0),
        digest: sha256(lines.toSorted().join('')),
        ...(doubtful && { doubtful }),
      };
    });
}

/** The reader may go on, and be asked again. */
function digestOf(hash: Hash): string {
  return hash.copy().digest('hex');
}
