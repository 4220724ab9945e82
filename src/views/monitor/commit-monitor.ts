import type { ChainEvent } from '../../contract/events.ts';
import { isGeneralLedger } from '../../core/chain/name.ts';
import type { Commit } from '../../journal/port.ts';
import type { ChainRows } from '../projection/chain-rows.ts';
import type { VerifiedCommit } from '../projection/verified-commit.ts';
import { AccountWatch } from './account-watch.ts';
import { EntryWatch } from './entry-watch.ts';
import { PlaceWatch } from './place-watch.ts';
import type { RoundBreaches } from './round-breaches.ts';
import { Sight } from './sight.ts';

/**
 * Watches the five invariants while the events of a chain's commits are projected: each is looked at before the reducers take
 * it, beside the rows as they were. An event that a row holds already (it comes again after a crash) was looked at then.
 */
export class CommitMonitor {
  readonly #sight: Sight;
  readonly #places: PlaceWatch;
  readonly #entries: EntryWatch;
  readonly #accounts: AccountWatch;
  readonly #checks: [balanced: number, derived: number, constrained: number];

  /** @param found where breaches go; what was looked at is counted on the rows */
  constructor(rows: ChainRows, found: RoundBreaches) {
    this.#sight = new Sight(rows, found);
    this.#places = new PlaceWatch(this.#sight);
    this.#entries = new EntryWatch(this.#sight);
    this.#accounts = new AccountWatch(this.#sight);
    this.#checks = rows.watch.checks;
  }

  beginCommit(commit: Commit): void {
    this.#sight.beginCommit(commit);
    this.#places.beginCommit();
  }

  /** Reports that the commit does not continue the chain. */
  broken(fault: NonNullable<VerifiedCommit['fault']>): void {
    this.#sight.broken(fault);
  }

  /** Counts by the types of the events alone, so that the counts are the same however often a round comes again. */
  look(event: ChainEvent): void {
    if (event.command) this.#endCommand();
    this.#places.look(event);
    switch (event.type) {
      case 'FundsPosted':
      case 'EntryPosted':
        this.#checks[0] += 1;
        this.#checks[2] += 1;
        return this.#entries.begin(event);
      case 'AccountBalanceUpdated':
        this.#checks[0] += 1;
        this.#checks[1] += 1;
        this.#entries.look(event);
        if (isGeneralLedger(event.entityId)) return this.#accounts.lookAtLedger(event);
        this.#checks[2] += 1;
        return this.#accounts.lookAtAccount(event, this.#entries.entryOf(event.payload.entryId));
      case 'AccountOpened':
        this.#checks[2] += 1;
        return this.#accounts.opened(event);
      case 'AccountClosed':
        this.#checks[2] += 1;
        return this.#accounts.closed(event);
      case 'TenantCreated':
      case 'ProductCreated':
      case 'ProductUpdated':
      case 'CustomerCreated':
      case 'LoanFacilityCreated':
      case 'CommandRefused':
        return;
      default:
        event satisfies never;
    }
  }

  /** Reports what only the end of the commit can tell. */
  endCommit(): void {
    this.#endCommand();
    this.#accounts.endCommit();
  }

  #endCommand(): void {
    this.#entries.end();
    this.#accounts.endCommand();
  }
}
