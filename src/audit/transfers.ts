import type { CommandMark } from '../contract/events.ts';
import { earlyReason, isEarly } from './constraints.ts';
import type { Findings, Place } from './findings.ts';
import { createPairs } from './pairs.ts';

/** One account's side of an entry between chains, as either chain tells it. */
export interface TransferSide {
  entryId: string;
  accountId: string;
  deltaMinor: number;
  valueDate: string;
  /** Told by the home chain. */
  bookingDate?: string;
  /** Told by the account's chain, where money leaves a term deposit. */
  maturesOn?: string | undefined;
  causationId: string;
  occurredAt: string;
  place: Place & { chain: string };
}

/** An event on another chain than its command's mark, as either of them tells it. */
export interface AwayEvent {
  causationId: string;
  place: Place & { chain: string; seq: number };
}

/** Entries between chains: the legs and the mark on the home chain, the balance updates on the chains of the accounts. */
export interface Transfers {
  /** A leg of an entry whose account lives on another chain. */
  leg(side: TransferSide): void;
  /** A balance update whose entry stands on another chain. */
  update(side: TransferSide): void;
  /** The events that a mark says its command has on other chains. */
  announced(others: NonNullable<CommandMark['others']>, mark: AwayEvent): void;
  /** An event whose command's mark stands on another chain: on the home chain of the entry that it names. */
  happened(event: AwayEvent, home: string): void;
  /** All chains have been read once: what waits now must find its other half before `finish`, what comes later may not. */
  mark(): void;
  /**
   * Reports halves that stayed alone since `mark`.
   * @returns what the sum of all balances lacks in minor units: legs on accounts that the tenant does not have, and entries
   * that were just being written
   */
  finish(accountExists: (accountId: string) => boolean): bigint;
}

export function createTransfers(findings: Findings): Transfers {
  const sides = createPairs<TransferSide>();
  const events = createPairs<AwayEvent>();

  function meet(kind: 'home' | 'away', side: TransferSide): void {
    const other = sides.meet(kind, `${side.entryId} ${side.accountId}`, side);
    if (!other) return;
    if (other === 'twice') {
      findings.check(
        'BALANCED_ENTRIES',
        false,
        side.place,
        () => `Entry ${side.entryId} moves ${side.accountId} twice`,
      );
      return;
    }
    const update = kind === 'away' ? side : other;
    findings.check(
      'BALANCED_ENTRIES',
      other.deltaMinor === side.deltaMinor && other.valueDate === side.valueDate,
      update.place,
      () =>
        `The update of ${side.accountId} is not what entry ${side.entryId} says: ${other.deltaMinor} against ${side.deltaMinor}`,
    );
    findings.check(
      'ACCOUNT_CONSTRAINTS',
      other.causationId === side.causationId && other.occurredAt === side.occurredAt,
      update.place,
      () => `The update of ${side.accountId} names another command than its entry ${side.entryId}`,
    );
    // The entry moves a member account of its home chain too, so it cannot be the reversal of an opening.
    const { bookingDate = '' } = kind === 'home' ? side : other;
    findings.check('ACCOUNT_CONSTRAINTS', !isEarly(bookingDate, update.maturesOn), update.place, () =>
      earlyReason(side.accountId, bookingDate, update.maturesOn),
    );
  }

  function meetEvent(kind: 'home' | 'away', key: string, event: AwayEvent): void {
    const other = events.meet(kind, key, event);
    if (!other) return;
    findings.check(
      'ACCOUNT_CONSTRAINTS',
      other !== 'twice' && other.causationId === event.causationId,
      event.place,
      () => `Command ${event.causationId} has an event on another chain that names another command`,
    );
  }

  function reportSides(accountExists: (accountId: string) => boolean): bigint {
    let lackingMinor = 0n;
    for (const { kind, half, due } of sides.alone()) {
      const { entryId, accountId, deltaMinor, place } = half;
      const isStranger = kind === 'home' && !accountExists(accountId);
      if (!due || isStranger) lackingMinor += BigInt(kind === 'home' ? deltaMinor : -deltaMinor);
      if (!due) continue;
      findings.check(isStranger ? 'TENANT_ISOLATION' : 'BALANCED_ENTRIES', false, place, () => {
        if (isStranger) return `Entry ${entryId} names account ${accountId}, which this tenant does not have`;
        return kind === 'home'
          ? `Entry ${entryId} moves ${accountId}, but no AccountBalanceUpdated on that account's chain says so`
          : `AccountBalanceUpdated of ${accountId} names entry ${entryId}, which does not move that account`;
      });
    }
    return lackingMinor;
  }

  return {
    leg: (side) => meet('home', side),
    update: (side) => meet('away', side),
    announced(others, { causationId, place }) {
      for (const { chain, seq } of others) meetEvent('home', `${chain} ${seq}`, { causationId, place });
    },
    happened: (event) => meetEvent('away', `${event.place.chain} ${event.place.seq}`, event),
    mark() {
      sides.mark();
      events.mark();
    },
    finish(accountExists) {
      for (const { kind, half, due } of events.alone()) {
        if (!due) continue;
        findings.check('ACCOUNT_CONSTRAINTS', false, half.place, () =>
          kind === 'home'
            ? `Command ${half.causationId} names an event on another chain that is not there`
            : `The mark of command ${half.causationId} does not name this event on another chain`,
        );
      }
      return reportSides(accountExists);
    },
  };
}
