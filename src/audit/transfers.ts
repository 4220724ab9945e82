import type { Findings, Place } from './findings.ts';

/** One account's side of an entry between chains, as either chain tells it. */
export interface TransferSide {
  entryId: string;
  accountId: string;
  deltaMinor: number;
  valueDate: string;
  causationId: string;
  occurredAt: string;
  place: Place & { chain: string };
}

/**
 * Brings together the two halves of entries between chains: the leg in the entry on its home chain, and the balance update
 * on the chain of the account. Only halves whose other half has not been read yet are held.
 */
export interface Transfers {
  /** A leg of an entry whose account lives on another chain. */
  leg(side: TransferSide): void;
  /** A balance update whose entry stands on another chain. */
  update(side: TransferSide): void;
  /** All chains have been read once: what waits now must find its other half before `finish`, what comes later may not. */
  mark(): void;
  /**
   * Reports halves that stayed alone since `mark`.
   * @returns what the sum of all balances lacks in minor units: legs on accounts that the tenant does not have, and entries
   * that were just being written
   */
  finish(accountExists: (accountId: string) => boolean): bigint;
}

type Kind = 'leg' | 'update';

export function createTransfers(findings: Findings): Transfers {
  const waiting = new Map<string, TransferSide & { kind: Kind; marked: boolean }>();

  function meet(kind: Kind, side: TransferSide): void {
    const key = `${side.entryId} ${side.accountId}`;
    const other = waiting.get(key);
    if (!other || other.kind === kind) {
      findings.check(
        'BALANCED_ENTRIES',
        !other,
        side.place,
        () => `Entry ${side.entryId} moves ${side.accountId} twice`,
      );
      waiting.set(key, { ...side, kind, marked: false });
      return;
    }
    waiting.delete(key);
    const update = kind === 'update' ? side : other;
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
  }

  return {
    leg: (side) => meet('leg', side),
    update: (side) => meet('update', side),
    mark() {
      for (const half of waiting.values()) half.marked = true;
    },
    finish(accountExists) {
      let lackingMinor = 0n;
      for (const { kind, marked, place, entryId, accountId, deltaMinor } of waiting.values()) {
        if (!marked) {
          lackingMinor += BigInt(kind === 'leg' ? deltaMinor : -deltaMinor);
          continue;
        }
        if (kind === 'leg' && !accountExists(accountId)) {
          lackingMinor += BigInt(deltaMinor);
          findings.check(
            'TENANT_ISOLATION',
            false,
            place,
            () => `Entry ${entryId} names account ${accountId}, which this tenant does not have`,
          );
          continue;
        }
        findings.check('BALANCED_ENTRIES', false, place, () =>
          kind === 'leg'
            ? `Entry ${entryId} moves ${accountId}, but no AccountBalanceUpdated on that account's chain says so`
            : `AccountBalanceUpdated of ${accountId} names entry ${entryId}, which does not move that account`,
        );
      }
      waiting.clear();
      return lackingMinor;
    },
  };
}
