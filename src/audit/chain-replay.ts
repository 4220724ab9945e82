import type { ChainEvent, ChainEventOf } from '../contract/events.ts';
import type { InvariantName } from '../contract/invariants.ts';
import { CATALOG, chainOfId } from '../core/chain/name.ts';
import { dateIn } from './calendar.ts';
import { checkRun, type CommandRun, joinRun, startRun } from './command-run.ts';
import { checkEntry } from './entry-check.ts';
import { KeySet } from './key-set.ts';
import { checkLoan, openAccount } from './opening-check.ts';
import { applyClosure, applyUpdate, awayPosting, finishPosting, type Posting } from './posting.ts';
import { accountOf, type TenantState } from './state.ts';

/** Replays the events of one chain, commit by commit, and checks what they mean. */
export interface ChainReplay {
  /** @param applied called after each event, when the balances include it */
  commit(events: readonly ChainEvent[], applied: (event: ChainEvent) => void): void;
}

export function createChainReplay(chain: string, state: TenantState): ChainReplay {
  return new Replay(chain, state);
}

class Replay implements ChainReplay {
  readonly #chain: string;
  readonly #state: TenantState;
  readonly #keys = new KeySet();
  #run: CommandRun | undefined;
  /** Effects of an entry whose home is another chain, and the seq of the last. */
  #away: Posting | undefined;
  #seq = 0;

  constructor(chain: string, state: TenantState) {
    this.#chain = chain;
    this.#state = state;
  }

  commit(events: readonly ChainEvent[], applied: (event: ChainEvent) => void): void {
    for (const event of events) {
      this.#state.statistics.event(event);
      this.#place(event);
      this.#apply(event);
      this.#seq = event.seq;
      applied(event);
    }
    // A commit is whole: no command's events go on in the next.
    this.#finish();
  }

  #check(invariant: InvariantName, holds: boolean, event: ChainEvent, reason: () => string): boolean {
    return this.#state.findings.check(invariant, holds, { chain: this.#chain, seq: event.seq }, reason);
  }

  #placeOf({ seq }: ChainEvent): { chain: string; seq: number } {
    return { chain: this.#chain, seq };
  }

  /** Finds the command to whose events this one belongs: its own mark, the command before it, or one on another chain. */
  #place(event: ChainEvent): void {
    const run = this.#run;
    if (event.command) {
      this.#finish();
      this.#run = startRun(event, event.command);
      const { key } = event.command;
      this.#check(
        'ACCOUNT_CONSTRAINTS',
        this.#keys.add(key),
        event,
        () => `Idempotency key ${key} is used a second time on this chain`,
      );
      const { others } = event.command;
      if (others)
        this.#state.transfers.announced(others, { causationId: event.causationId, place: this.#placeOf(event) });
    } else if (!run || event.seq >= run.seq + run.mark.events) {
      const entryId = awayEntryOf(event, this.#chain);
      if (run || this.#away?.entryId !== entryId) this.#finish();
      this.#check('ACCOUNT_CONSTRAINTS', entryId !== undefined, event, () => `${event.type} belongs to no command`);
      if (entryId !== undefined) {
        const happened = { causationId: event.causationId, place: this.#placeOf(event) };
        this.#state.transfers.happened(happened, chainOfId(entryId) ?? '');
        this.#away ??= awayPosting(entryId, valueDateOf(event));
      }
    }
    if (this.#run) joinRun(this.#run, event, { chain: this.#chain, findings: this.#state.findings });
  }

  #apply(event: ChainEvent): void {
    const context = { chain: this.#chain, state: this.#state };
    const key = this.#run?.mark.key;
    const posting = this.#run ? this.#run.posting : this.#away;
    switch (event.type) {
      case 'TenantCreated':
        return this.#createTenant(event);
      case 'ProductCreated':
      case 'ProductUpdated':
        return this.#upsertProduct(event);
      case 'CustomerCreated':
        return this.#createCustomer(event, key);
      case 'AccountOpened':
        if (this.#run) this.#run.openedAccountId = event.entityId;
        return openAccount({ event, key, ...context });
      case 'LoanFacilityCreated':
        return checkLoan(event, this.#chain, this.#state);
      case 'FundsPosted':
      case 'EntryPosted':
        if (this.#run?.posting) finishPosting(this.#run.posting, event.seq, context);
        if (this.#run) this.#run.posting = checkEntry({ event, key: this.#run.mark.key, ...context });
        return;
      case 'AccountBalanceUpdated':
        return applyUpdate(posting, event, context);
      case 'AccountClosed':
        return applyClosure(posting, event, context);
      case 'CommandRefused':
        this.#check(
          'TENANT_ISOLATION',
          event.entityId === event.causationId,
          event,
          () => `CommandRefused names ${event.entityId}, not its command`,
        );
        return;
      default:
        return event satisfies never;
    }
  }

  /** Ends the command or the foreign effects that are being read. */
  #finish(): void {
    const context = { chain: this.#chain, state: this.#state };
    const run = this.#run;
    const posting = run ? run.posting : this.#away;
    if (posting) finishPosting(posting, run?.seq ?? this.#seq, context);
    if (run) {
      checkRun(run, this.#chain, this.#state.findings);
      this.#checkOpening(run);
    }
    this.#run = undefined;
    this.#away = undefined;
  }

  /** A new account has at least the least balance of its product. */
  #checkOpening({ openedAccountId, seq }: CommandRun): void {
    if (openedAccountId === undefined) return;
    const { terms, balanceMinor } = accountOf(this.#state, openedAccountId, this.#chain);
    const floorMinor = terms?.floorMinor ?? 0;
    this.#state.findings.check(
      'ACCOUNT_CONSTRAINTS',
      balanceMinor >= floorMinor,
      { chain: this.#chain, seq },
      () => `Account ${openedAccountId} is opened with ${balanceMinor}, below its floor of ${floorMinor}`,
    );
  }

  #createTenant(event: ChainEventOf<'TenantCreated'>): void {
    const state = this.#state;
    const { tenantCode, timeZone } = event.payload;
    const isOurs = event.entityId === state.tenantId && tenantCode === state.tenantId && this.#chain === CATALOG;
    this.#check('TENANT_ISOLATION', isOurs, event, () => `TenantCreated names tenant ${tenantCode}`);
    if (!this.#check('ACCOUNT_CONSTRAINTS', !state.tenant, event, () => 'The tenant is created a second time')) return;
    state.tenant = event.payload;
    state.localDate = dateIn(timeZone);
    state.statistics.tenantCreated(event.payload, state.localDate);
  }

  #upsertProduct(event: ChainEventOf<'ProductCreated'> | ChainEventOf<'ProductUpdated'>): void {
    const { products } = this.#state;
    const { entityId, payload } = event;
    const versions = products.get(entityId);
    this.#check(
      'TENANT_ISOLATION',
      this.#chain === CATALOG && payload.productCode === entityId,
      event,
      () => `${event.type} of ${entityId} does not stand where products do`,
    );
    const isDue = (event.type === 'ProductUpdated') === (versions !== undefined);
    this.#check(
      'ACCOUNT_CONSTRAINTS',
      isDue && (versions?.[0]?.productType ?? payload.productType) === payload.productType,
      event,
      () => `${event.type} of ${entityId} does not follow from its history`,
    );
    products.set(entityId, [...(versions ?? []), payload]);
  }

  #createCustomer(event: ChainEventOf<'CustomerCreated'>, key: string | undefined): void {
    const { customers, claims } = this.#state;
    const { entityId } = event;
    // Without a command, which is a breach of its own, no id can be told.
    const expectedId = key === undefined ? entityId : `cust_${this.#chain}_${key.slice(0, 20)}`;
    this.#check(
      'TENANT_ISOLATION',
      entityId === expectedId,
      event,
      () => `Customer ${entityId} should be ${expectedId} where it stands`,
    );
    this.#check(
      'ACCOUNT_CONSTRAINTS',
      !customers.has(entityId),
      event,
      () => `Customer ${entityId} is created a second time`,
    );
    customers.set(entityId, { chain: this.#chain });
    claims.created(event, this.#chain);
  }
}

/** @returns the entry that an event names, if that entry stands on another chain */
function awayEntryOf(event: ChainEvent, chain: string): string | undefined {
  if (event.type !== 'AccountBalanceUpdated' && event.type !== 'AccountClosed') return undefined;
  const { entryId } = event.payload;
  const home = chainOfId(entryId);
  return home !== undefined && home !== chain ? entryId : undefined;
}

function valueDateOf(event: ChainEvent): string {
  return event.type === 'AccountBalanceUpdated' ? event.payload.valueDate : '';
}
