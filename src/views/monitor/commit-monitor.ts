import type { ChainEvent, ChainEventOf, EventLeg } from '../../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../../core/chain/name.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import { accountKey } from '../keys.ts';
import { ledgerSumsOf } from '../ledger/ledger-reducer.ts';
import { ledgerLineOf } from '../ledger/ledger-row.ts';
import type { WorkingRows } from '../projection/working-rows.ts';
import type { Place } from '../reducer.ts';
import type { Breach, InvariantName } from './breach.ts';

/** An entry of this commit, on its home chain: its events follow it at once, in the same commit. */
interface Entry {
  event: ChainEvent;
  entryId: string;
  /** Change by account, all legs taken together; without those whose event has come. */
  deltas: Map<string, number>;
  reversesByMember: string | undefined;
  bookingDate: string;
}

/**
 * Watches the invariants while the events of one commit are projected: each is looked at before the reducers take it, beside
 * the rows as they were. An event that a row holds already (it comes again after a crash) was looked at then.
 */
export class CommitMonitor {
  readonly #place: Place;
  readonly #rows: WorkingRows;
  readonly #report: (breach: Breach) => void;
  #entry: Entry | undefined;
  /** Breaches of a floor that closing the account, later in the commit, would justify. */
  readonly #belowFloor = new Map<string, () => void>();

  constructor(options: { place: Place; rows: WorkingRows; report: (breach: Breach) => void }) {
    this.#place = options.place;
    this.#rows = options.rows;
    this.#report = options.report;
  }

  look(event: ChainEvent): void {
    if (event.command) this.#endEntry();
    switch (event.type) {
      case 'TenantCreated':
        if (event.payload.tenantCode !== this.#place.tenantId) {
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
  end(): void {
    this.#endEntry();
    for (const report of this.#belowFloor.values()) report();
    this.#belowFloor.clear();
  }

  #lookAtEntry(event: ChainEventOf<'FundsPosted'> | ChainEventOf<'EntryPosted'>): void {
    const { legs } = event.payload;
    const deltas = deltasOf(legs);
    let sumMinor = 0;
    for (const deltaMinor of deltas.values()) sumMinor += deltaMinor;
    if (sumMinor !== 0)
      this.#breach('BALANCED_ENTRIES', event, 'Debits and credits of an entry differ', {
        entryId: event.entityId,
        sumMinor,
      });
    const members = [...deltas.keys()].filter((accountId) => !isGeneralLedger(accountId));
    const reverses = event.type === 'EntryPosted' && typeof event.payload.metadata?.['reverses'] === 'string';
    this.#entry = {
      event,
      entryId: event.entityId,
      deltas,
      reversesByMember: reverses && members.length === 1 ? members[0] : undefined,
      bookingDate: event.payload.bookingDate,
    };
  }

  #lookAtLedger(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    this.#lookAtLeg(event);
    const before = ledgerSumsOf(this.#rows, this.#place, ledgerLineOf(event.entityId, undefined));
    if (before && before.seq >= event.seq) return;
    // The turnovers may be too large for a double, the balance of a chain's share never is.
    this.#lookAtSum(event, before ? Number(before.sums.debitsMinor - before.sums.creditsMinor) : 0);
  }

  #lookAtAccount(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    const accountId = event.entityId;
    this.#lookAtLeg(event);
    const row = this.#accountOf(accountId);
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
    const { chain } = this.#place;
    for (const [accountId, deltaMinor] of this.#entry?.deltas ?? []) {
      if (!this.#entry || !(isGeneralLedger(accountId) || chainOfId(accountId) === chain)) continue;
      const { event, entryId } = this.#entry;
      this.#breach('BALANCED_ENTRIES', event, 'A leg of an entry changes no balance', {
        accountId,
        entryId,
        deltaMinor,
      });
    }
    this.#entry = undefined;
  }

  /** The change is what the legs of the entry say, where the entry stands on this chain. */
  #lookAtLeg(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    const { entryId, home, deltaMinor } = event.payload;
    if (home !== undefined) return;
    const deltas = this.#entry?.entryId === entryId ? this.#entry.deltas : undefined;
    const legsMinor = deltas?.get(event.entityId) ?? null;
    deltas?.delete(event.entityId);
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
    const entry = this.#entry?.entryId === event.payload.entryId ? this.#entry : undefined;
    // The booking date decides. An entry that stands on another chain shows its value date only, which is never earlier.
    const unmatured = deltaMinor < 0 && maturesOn !== undefined && (entry?.bookingDate ?? valueDate) < maturesOn;
    // Whether it names the command that opened the account, the audit checks.
    const reversal = entry?.reversesByMember === accountId && balanceMinor === 0;
    if (unmatured && !reversal) {
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'A term deposit pays out before it matures', {
        accountId,
        valueDate,
        maturesOn,
      });
    }
    if (deltaMinor < 0 && balanceMinor < floorMinor && !(unmatured && reversal)) {
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
    const row = this.#accountOf(event.entityId);
    if (!row || row.seq >= event.seq) return;
    if (row.balanceMinor === 0) this.#belowFloor.delete(event.entityId);
    else
      this.#breach('ACCOUNT_CONSTRAINTS', event, 'An account closes with money on it', {
        accountId: event.entityId,
        balanceMinor: row.balanceMinor,
      });
  }

  #accountOf(accountId: string): AccountRow | undefined {
    const { tenantId, chain } = this.#place;
    return chainOfId(accountId) === chain ? this.#rows.get(accountKey(tenantId, accountId)) : undefined;
  }

  #breach(invariant: InvariantName, event: ChainEvent, reason: string, evidence: Breach['evidence']): void {
    const { tenantId, chain } = this.#place;
    this.#report({ invariant, tenantId, chain, seq: event.seq, reason, evidence });
  }
}

function deltasOf(legs: readonly EventLeg[]): Map<string, number> {
  const deltas = new Map<string, number>();
  for (const { accountId, direction, amountMinor } of legs) {
    deltas.set(accountId, (deltas.get(accountId) ?? 0) + (direction === 'DEBIT' ? amountMinor : -amountMinor));
  }
  return deltas;
}
