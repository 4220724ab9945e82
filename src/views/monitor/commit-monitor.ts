import type { ChainEvent, ChainEventOf } from '../../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../../core/chain/name.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import type { ChainRows } from '../projection/chain-rows.ts';
import type { Breach, InvariantName } from './breach.ts';

type EntryEvent = ChainEventOf<'FundsPosted'> | ChainEventOf<'EntryPosted'>;

/**
 * Watches the invariants while the events of a chain's commits are projected: each is looked at before the reducers take it,
 * beside the rows as they were. An event that a row holds already (it comes again after a crash) was looked at then.
 */
export class CommitMonitor {
  readonly #rows: ChainRows;
  readonly #report: (breach: Breach) => void;
  /** The last entry of this commit, where it stands whole: its events follow it at once, in the same commit. */
  #entry: EntryEvent | undefined;
  /** That entry's change by account, all legs taken together; without those whose event has come. */
  readonly #deltas = new Map<string, number>();
  /** Breaches of a floor that closing the account, later in the commit, would justify. */
  readonly #belowFloor = new Map<string, () => void>();

  constructor(options: { rows: ChainRows; report: (breach: Breach) => void }) {
    this.#rows = options.rows;
    this.#report = options.report;
  }

  /** Reports a commit that does not continue the chain. */
  broken(commitFirstSeq: number, reason: string): void {
    this.#report({ invariant: 'HASH_CHAIN', ...this.#rows.ref, seq: commitFirstSeq, reason, evidence: {} });
  }

  look(event: ChainEvent): void {
    if (event.command) this.#endEntry();
    switch (event.type) {
      case 'TenantCreated':
        if (event.payload.tenantCode !== this.#rows.ref.tenantId) {
          this.#breach('TENANT_ISOLATION', event, 'The chain of one tenant holds the creation of another', {
            tenantCode: event.payload.tenantCode,
          });
        }
        return;
      case 'FundsPosted':
      case 'EntryPosted':
        return this.#lookAtEntry(event);
      case 'AccountBalanceUpdated':
        return isGeneralLedger(event.entityId) ? this.#lookAtLedger(event) : this.#lookAtAccount(event);
      case 'AccountClosed':
        return this.#lookAtClosing(event);
      case 'ProductCreated':
      case 'ProductUpdated':
      case 'CustomerCreated':
      case 'AccountOpened':
      case 'LoanFacilityCreated':
      case 'CommandRefused':
        return;
      default:
        event satisfies never;
    }
  }

  /** Reports what only the end of the commit can tell. */
  endCommit(): void {
    this.#endEntry();
    if (this.#belowFloor.size === 0) return;
    for (const report of this.#belowFloor.values()) report();
    this.#belowFloor.clear();
  }

  #lookAtEntry(event: EntryEvent): void {
    this.#entry = event;
    this.#deltas.clear();
    let sumMinor = 0;
    for (const { accountId, direction, amountMinor } of event.payload.legs) {
      const deltaMinor = direction === 'DEBIT' ? amountMinor : -amountMinor;
      this.#deltas.set(accountId, (this.#deltas.get(accountId) ?? 0) + deltaMinor);
      sumMinor += deltaMinor;
    }
    if (sumMinor !== 0)
      this.#breach('BALANCED_ENTRIES', event, 'Debits and credits of an entry differ', {
        entryId: event.entityId,
        sumMinor,
      });
  }

  #lookAtLedger(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    this.#lookAtLeg(event);
    const beforeMinor = this.#rows.ledger.balanceBefore(event.entityId, event.seq);
    if (beforeMinor !== undefined) this.#lookAtSum(event, beforeMinor);
  }

  #lookAtAccount(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    const accountId = event.entityId;
    this.#lookAtLeg(event);
    const row = this.#rows.accounts.peek(accountId)?.row;
    if (row && row.seq >= event.seq) return;
    if (!row) {
      this.#breach('DERIVED_BALANCES', event, 'A balance changes of an account that was never opened on this chain', {
        accountId,
      });
      return;
    }
    this.#lookAtSum(event, row.balanceMinor);
    this.#lookAtTerms(event, row);
  }

  /** The balance after is the balance before and the change. */
  #lookAtSum(event: ChainEventOf<'AccountBalanceUpdated'>, beforeMinor: number): void {
    const { deltaMinor, balanceMinor } = event.payload;
    if (beforeMinor + deltaMinor === balanceMinor) return;
    const evidence = { accountId: event.entityId, beforeMinor, deltaMinor, balanceMinor };
    this.#breach('DERIVED_BALANCES', event, 'A balance is not the sum of what was posted', evidence);
  }

  /** Each account of the entry on this chain has its event. */
  #endEntry(): void {
    const entry = this.#entry;
    this.#entry = undefined;
    if (!entry || this.#deltas.size === 0) return;
    for (const [accountId, deltaMinor] of this.#deltas) {
      if (!isGeneralLedger(accountId) && chainOfId(accountId) !== this.#rows.ref.chain) continue;
      const evidence = { accountId, entryId: entry.entityId, deltaMinor };
      this.#breach('BALANCED_ENTRIES', entry, 'A leg of an entry changes no balance', evidence);
    }
  }

  /** The change is what the legs of the entry say, where the entry stands on this chain. */
  #lookAtLeg(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    const { entryId, home, deltaMinor } = event.payload;
    if (home !== undefined) return;
    let legsMinor: number | null = null;
    if (this.#entry?.entityId === entryId) {
      legsMinor = this.#deltas.get(event.entityId) ?? null;
      this.#deltas.delete(event.entityId);
    }
    if (legsMinor === deltaMinor) return;
    this.#breach('BALANCED_ENTRIES', event, 'A balance changes by another amount than the legs of its entry say', {
      accountId: event.entityId,
      entryId,
      legsMinor,
      deltaMinor,
    });
  }

  #lookAtTerms(event: ChainEventOf<'AccountBalanceUpdated'>, row: AccountRow): void {
    const { deltaMinor, balanceMinor, valueDate } = event.payload;
    const { accountId, floorMinor, ceilingMinor, maturesOn } = row;
    if (row.status === 'CLOSED')
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'A closed account moves', { accountId, deltaMinor });
    if (deltaMinor > 0 && ceilingMinor !== null && balanceMinor > ceilingMinor) {
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'A balance rises above the most its account allows', {
        accountId,
        balanceMinor,
        ceilingMinor,
      });
    }
    const entry = this.#entry?.entityId === event.payload.entryId ? this.#entry : undefined;
    // The booking date decides. An entry that stands on another chain shows its value date only, which is never earlier.
    const unmatured =
      deltaMinor < 0 && maturesOn !== undefined && (entry?.payload.bookingDate ?? valueDate) < maturesOn;
    // Whether it names the command that opened the account, the audit checks.
    const reversal = unmatured && !!entry && balanceMinor === 0 && reverses(entry, accountId);
    if (unmatured && !reversal) {
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'A term deposit pays out before it matures', {
        accountId,
        valueDate,
        maturesOn,
      });
    }
    if (deltaMinor < 0 && balanceMinor < floorMinor && !reversal) {
      this.#belowFloor.set(accountId, () => {
        this.#breach('ACCOUNT_CONSTRAINTS', event, 'A balance falls below the least its account allows', {
          accountId,
          balanceMinor,
          floorMinor,
        });
      });
    }
  }

  #lookAtClosing(event: ChainEventOf<'AccountClosed'>): void {
    const row = this.#rows.accounts.peek(event.entityId)?.row;
    if (!row || row.seq >= event.seq) return;
    if (row.balanceMinor === 0) this.#belowFloor.delete(event.entityId);
    else
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'An account closes with money on it', {
        accountId: event.entityId,
        balanceMinor: row.balanceMinor,
      });
  }

  #breach(invariant: InvariantName, event: ChainEvent, reason: string, evidence: Breach['evidence']): void {
    const { tenantId, chain } = this.#rows.ref;
    this.#report({ invariant, tenantId, chain, seq: event.seq, reason, evidence });
  }
}

/** Whether an entry says that it takes back another, and moves this member's account and no other member's. */
function reverses(entry: EntryEvent, accountId: string): boolean {
  if (entry.type !== 'EntryPosted' || typeof entry.payload.metadata?.['reverses'] !== 'string') return false;
  const members = new Set(entry.payload.legs.map((leg) => leg.accountId).filter((id) => !isGeneralLedger(id)));
  return members.size === 1 && members.has(accountId);
}
