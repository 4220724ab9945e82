import type { ChainEventOf } from '../../contract/events.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import type { AccountState } from '../accounts/account-state.ts';
import { type EntryEvent, isReversal } from './entry-watch.ts';
import type { Sight } from './sight.ts';

type Update = ChainEventOf<'AccountBalanceUpdated'>;

/** Watches DERIVED_BALANCES and ACCOUNT_CONSTRAINTS: balances beside the rows as they were, and the terms of member accounts. */
export class AccountWatch {
  readonly #sight: Sight;
  /** Breaches of a floor that closing the account, later in the commit, would justify. */
  readonly #belowFloor = new Map<string, () => void>();
  /** Accounts opened in this command that must not stay without money. */
  readonly #unfunded = new Map<string, () => void>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  lookAtLedger(event: Update): void {
    const beforeMinor = this.#sight.rows.ledger.balanceBefore(event.entityId, event.seq);
    if (beforeMinor === undefined) this.#sight.seenBefore();
    else this.#lookAtSum(event, beforeMinor);
  }

  /** @param entry the entry of the change, where it stands on this chain */
  lookAtAccount(event: Update, entry: EntryEvent | undefined): void {
    const accountId = event.entityId;
    const account = this.#sight.rows.accounts.peek(accountId);
    if (!account) {
      const evidence = { accountId, entryId: event.payload.entryId };
      const reason = 'A balance changes of an account that was never opened on this chain';
      this.#sight.breach('DERIVED_BALANCES', event, reason, evidence);
      this.#sight.breach('TENANT_ISOLATION', event, reason, evidence);
      return;
    }
    const { row } = account;
    if (this.#unfunded.size > 0 && event.payload.balanceMinor >= row.floorMinor) this.#unfunded.delete(accountId);
    if (row.seq >= event.seq) return this.#sight.seenBefore();
    this.#lookAtSum(event, row.balanceMinor, account.balanceSeq);
    this.#lookAtTerms(event, row, entry);
  }

  /** A new account has no less than its least balance once its command is done. */
  opened(event: ChainEventOf<'AccountOpened'>): void {
    const { floorMinor } = event.payload;
    if (!(floorMinor > 0)) return;
    const accountId = event.entityId;
    this.#unfunded.set(accountId, () => {
      const reason = 'An account is opened with less than the least its product allows';
      this.#sight.breach('ACCOUNT_CONSTRAINTS', event, reason, { accountId, floorMinor });
    });
  }

  closed(event: ChainEventOf<'AccountClosed'>): void {
    const account = this.#sight.rows.accounts.peek(event.entityId);
    if (!account) return; // It was never opened, which is reported as such.
    const { row } = account;
    if (row.seq >= event.seq) {
      this.#belowFloor.delete(event.entityId);
      return this.#sight.seenBefore();
    }
    if (row.balanceMinor === 0) this.#belowFloor.delete(event.entityId);
    else this.#closedWithMoney(event, account);
  }

  #closedWithMoney(event: ChainEventOf<'AccountClosed'>, { row, balanceSeq }: AccountState): void {
    const { accountId, balanceMinor } = row;
    const claim = { accountId, rowSeq: balanceSeq, rowMinor: balanceMinor, dueMinor: 0 };
    const evidence = { accountId, balanceMinor };
    this.#sight.breach('ACCOUNT_CONSTRAINTS', event, 'An account closes with money on it', evidence, claim);
  }

  endCommand(): void {
    if (this.#unfunded.size > 0) reportAll(this.#unfunded);
  }

  endCommit(): void {
    if (this.#belowFloor.size > 0) reportAll(this.#belowFloor);
  }

  /** The balance after is the balance before and the change. */
  #lookAtSum(event: Update, beforeMinor: number, rowSeq?: number): void {
    const { deltaMinor, balanceMinor } = event.payload;
    if (beforeMinor + deltaMinor === balanceMinor) return;
    const accountId = event.entityId;
    const evidence = { accountId, beforeMinor, deltaMinor, balanceMinor };
    const claim = {
      accountId,
      ...(rowSeq !== undefined && { rowSeq }),
      rowMinor: beforeMinor,
      dueMinor: balanceMinor - deltaMinor,
    };
    this.#sight.breach('DERIVED_BALANCES', event, 'A balance is not the sum of what was posted', evidence, claim);
  }

  #lookAtTerms(event: Update, row: AccountRow, entry: EntryEvent | undefined): void {
    const { deltaMinor, balanceMinor, valueDate } = event.payload;
    const { accountId, floorMinor, ceilingMinor, maturesOn, currency } = row;
    if (entry && entry.payload.currency !== currency)
      this.#sight.breach('BALANCED_ENTRIES', event, 'An entry is in another currency than an account that it moves', {
        accountId,
        currency: entry.payload.currency,
      });
    if (row.status === 'CLOSED') this.#constraint(event, 'A closed account moves', { accountId, deltaMinor });
    if (!Number.isSafeInteger(balanceMinor))
      this.#constraint(event, 'A balance leaves the range of exact integers', { accountId });
    if (deltaMinor > 0 && ceilingMinor !== null && balanceMinor > ceilingMinor)
      this.#constraint(event, 'A balance rises above the most its account allows', {
        accountId,
        balanceMinor,
        ceilingMinor,
      });
    if (deltaMinor >= 0) return;
    // The booking date decides. An entry that stands on another chain shows its value date only, which is never earlier.
    const unmatured = maturesOn !== undefined && (entry?.payload.bookingDate ?? valueDate) < maturesOn;
    // Whether it names the command that opened the account, the audit checks.
    const reversal = unmatured && !!entry && balanceMinor === 0 && isReversal(entry, accountId);
    if (unmatured && !reversal)
      this.#constraint(event, 'A term deposit pays out before it matures', { accountId, valueDate, maturesOn });
    if (balanceMinor < floorMinor && !reversal) {
      this.#belowFloor.set(accountId, () => {
        this.#constraint(event, 'A balance falls below the least its account allows', {
          accountId,
          balanceMinor,
          floorMinor,
        });
      });
    }
  }

  #constraint(event: Update, reason: string, evidence: Record<string, string | number>): void {
    this.#sight.breach('ACCOUNT_CONSTRAINTS', event, reason, evidence);
  }
}

function reportAll(pending: Map<string, () => void>): void {
  for (const report of pending.values()) report();
  pending.clear();
}
