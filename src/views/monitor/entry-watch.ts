import type { ChainEventOf } from '../../contract/events.ts';
import { chainOfId, isGeneralLedger } from '../../core/chain/name.ts';
import type { Sight } from './sight.ts';

export type EntryEvent = ChainEventOf<'FundsPosted'> | ChainEventOf<'EntryPosted'>;

/** Where the money of opening deposits comes from. */
const OPENING_DEPOSITS = 'GL_OPENING_DEPOSITS';

/** Watches BALANCED_ENTRIES: an entry by itself, and that the events after it change what its legs say. */
export class EntryWatch {
  readonly #sight: Sight;
  /** The last entry of this commit, where it stands whole: its events follow it at once, in the same commit. */
  #entry: EntryEvent | undefined;
  /** That entry's change by account, all legs taken together; without those whose event has come. */
  readonly #deltas = new Map<string, number>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  /** @returns the entry that stands on this chain and has this id, if its events are being read */
  entryOf(entryId: string): EntryEvent | undefined {
    return this.#entry?.entityId === entryId ? this.#entry : undefined;
  }

  begin(event: EntryEvent): void {
    const { legs, bookingDate, valueDate } = event.payload;
    this.#entry = event;
    this.#deltas.clear();
    let sumMinor = 0;
    let areProper = legs.length > 1;
    for (const { accountId, direction, amountMinor } of legs) {
      const deltaMinor = direction === 'DEBIT' ? amountMinor : -amountMinor;
      this.#deltas.set(accountId, (this.#deltas.get(accountId) ?? 0) + deltaMinor);
      sumMinor += deltaMinor;
      if (!(amountMinor > 0)) areProper = false;
    }
    const entryId = event.entityId;
    if (sumMinor !== 0)
      this.#sight.breach('BALANCED_ENTRIES', event, 'Debits and credits of an entry differ', { entryId, sumMinor });
    else if (!areProper)
      this.#sight.breach('BALANCED_ENTRIES', event, 'An entry needs two legs or more, each above zero', { entryId });
    if (event.type === 'FundsPosted' && !isOpening(event))
      this.#sight.breach(
        'BALANCED_ENTRIES',
        event,
        'An opening deposit does not come into its account from where it must',
        {
          entryId,
        },
      );
    if (valueDate < bookingDate)
      this.#sight.breach('ACCOUNT_CONSTRAINTS', event, 'An entry takes effect before it is booked', {
        entryId,
        bookingDate,
        valueDate,
      });
  }

  /** The change is what the legs of the entry say, where the entry stands on this chain. */
  look(event: ChainEventOf<'AccountBalanceUpdated'>): void {
    const { entryId, home, deltaMinor, valueDate } = event.payload;
    const accountId = event.entityId;
    if (home !== undefined) return this.#lookAway(event, home);
    let legsMinor: number | null = null;
    let due: string | null = null;
    if (this.#entry?.entityId === entryId) {
      legsMinor = this.#deltas.get(accountId) ?? null;
      due = this.#entry.payload.valueDate;
      this.#deltas.delete(accountId);
    }
    if (legsMinor !== deltaMinor)
      this.#sight.breach(
        'BALANCED_ENTRIES',
        event,
        'A balance changes by another amount than the legs of its entry say',
        {
          accountId,
          entryId,
          legsMinor,
          deltaMinor,
        },
      );
    else if (due !== valueDate)
      this.#sight.breach('BALANCED_ENTRIES', event, 'A balance changes on another day than its entry says', {
        accountId,
        entryId,
        valueDate,
        due,
      });
  }

  /** Of an entry that stands on another chain its name tells where. What it says there, the trial balance and the audit tell. */
  #lookAway(event: ChainEventOf<'AccountBalanceUpdated'>, home: string): void {
    const { entryId } = event.payload;
    const accountId = event.entityId;
    if (home !== this.#sight.chain && chainOfId(entryId) === home && !isGeneralLedger(accountId)) return;
    this.#sight.breach(
      'BALANCED_ENTRIES',
      event,
      'A balance changes for an entry of another chain that cannot be there',
      {
        accountId,
        entryId,
        home,
      },
    );
  }

  /** Each account of the entry on this chain has had its event. */
  end(): void {
    const entry = this.#entry;
    this.#entry = undefined;
    if (!entry || this.#deltas.size === 0) return;
    for (const [accountId, deltaMinor] of this.#deltas) this.#lookAtLeft(entry, accountId, deltaMinor);
  }

  #lookAtLeft(entry: EntryEvent, accountId: string, deltaMinor: number): void {
    const chain = isGeneralLedger(accountId) ? this.#sight.chain : chainOfId(accountId);
    const evidence = { accountId, entryId: entry.entityId, deltaMinor };
    if (chain === this.#sight.chain)
      this.#sight.breach('BALANCED_ENTRIES', entry, 'A leg of an entry changes no balance', evidence);
    else if (chain === undefined)
      this.#sight.breach('TENANT_ISOLATION', entry, 'An entry names an account that no ledger has opened', evidence);
  }
}

/** Whether an opening deposit comes from where they all do, into the one account that it names. */
function isOpening({ payload }: ChainEventOf<'FundsPosted'>): boolean {
  const accounts = new Set(payload.legs.map(({ accountId }) => accountId));
  return accounts.size === 2 && accounts.has(OPENING_DEPOSITS) && accounts.has(payload.accountId);
}

/** Whether an entry says that it takes back another, and moves this member's account and no other member's. */
export function isReversal(entry: EntryEvent, accountId: string): boolean {
  if (entry.type !== 'EntryPosted' || typeof entry.payload.metadata?.['reverses'] !== 'string') return false;
  const members = new Set(entry.payload.legs.map((leg) => leg.accountId).filter((id) => !isGeneralLedger(id)));
  return members.size === 1 && members.has(accountId);
}
