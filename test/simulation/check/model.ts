import { hash } from 'node:crypto';
import type { CommandEnvelope, CommandOf } from '../../../src/contract/envelope.ts';

/** What a command leaves on a chain, as far as the model says it. */
export interface Effect {
  chain: string;
  type: string;
  entityId: string;
  deltaMinor?: number;
  balanceMinor?: number;
  /** Of an account that is opened: its floor and ceiling. */
  bounds?: string;
}

export interface Outcome {
  home: string;
  /** Present where the command is refused. */
  error?: string;
  effects: Effect[];
}

interface Account {
  balance: number;
  floor: number;
  ceiling: number | null;
  closed: boolean;
}

export interface Terms {
  active: boolean;
  min: number;
  max: number | null;
}

/** The products at some moment, by code. */
export type Catalog = ReadonlyMap<string, Terms>;

const OPENING_DEPOSITS = 'GL_OPENING_DEPOSITS';
const cents = (amount: number): number => Math.round(amount * 100);
const digest = (text: string): string => hash('sha256', text, 'hex');

/** The key under which the ledger knows a command. */
export function keyOf({ tenantId, idempotencyKey, commandId }: CommandEnvelope): string {
  return digest(`${tenantId}\n${idempotencyKey ?? commandId}`).slice(0, 32);
}

/**
 * A bank as one thinks of it: a few maps, and commands one after the other. It shares no code with the ledger and knows as much
 * of its rules as the simulated commands need.
 */
export class ModelBank {
  created = false;
  /** Of each moment at which it changed. */
  readonly catalogs: { atMs: number; catalog: Catalog }[] = [{ atMs: 0, catalog: new Map() }];
  readonly accounts = new Map<string, Account>();
  readonly ledger = new Map<string, number>();
  readonly #chainCount: number;
  readonly #customers = new Set<string>();
  readonly #claims = new Set<string>();
  readonly #moments: { atMs: number; accounts: ReadonlyMap<string, Account> }[] = [{ atMs: 0, accounts: new Map() }];

  constructor(chains: number) {
    this.#chainCount = chains;
  }

  get catalog(): Catalog {
    return this.catalogs.at(-1)?.catalog ?? new Map();
  }

  /** Carries a command out. @param atMs when, @param catalog the products that an opening went by */
  apply(command: CommandEnvelope, { atMs, catalog }: { atMs: number; catalog: Catalog }): Outcome {
    switch (command.commandType) {
      case 'CreateTenant':
        return this.#createTenant(command);
      case 'UpsertProduct':
        return this.#upsertProduct(command, atMs);
      case 'CreateCustomer':
        return this.#createCustomer(command, 'apply');
      case 'OpenAccount':
        return this.#openAccount(command, catalog, 'apply');
      case 'PostEntry':
        return this.#postEntry(command, this.accounts, 'apply');
      default:
        return command satisfies never;
    }
  }

  /** @returns what an entry or a new customer would come to */
  foreseen(command: CommandOf<'PostEntry' | 'CreateCustomer'>): Outcome {
    return command.commandType === 'PostEntry'
      ? this.#postEntry(command, this.accounts, 'foresee')
      : this.#createCustomer(command, 'foresee');
  }

  /** @returns what an opening would come to */
  foresee(command: CommandOf<'OpenAccount'>, catalog: Catalog): Outcome {
    return this.#openAccount(command, catalog, 'foresee');
  }

  /**
   * What is refused for the sake of another chain is refused on what stood there at some moment since it was sent, while its
   * home chain stood as it does now.
   * @returns a question to be asked when all is replayed that was written together with it: whether an error could be
   */
  refusalsSince(command: CommandOf<'PostEntry'>, sinceMs: number): (error: string) => boolean {
    const { home } = this.#postEntry(command, this.accounts, 'foresee');
    const own = [...copyOf(this.accounts)].filter(([id]) => chainOf(id) === home);
    return (error) =>
      this.#moments.some(({ accounts }, index) => {
        if ((this.#moments[index + 1]?.atMs ?? Infinity) < sinceMs) return false;
        const others = [...accounts].filter(([id]) => chainOf(id) !== home);
        return this.#postEntry(command, new Map([...others, ...own]), 'foresee').error === error;
      });
  }

  /** Whether a new customer could have been refused so, of whose values several may have been taken meanwhile. */
  claimsTaken({ payload: { person } }: CommandOf<'CreateCustomer'>): (error: string) => boolean {
    return (error) =>
      (error === 'EmailTaken' && this.#claims.has(person.email.toLowerCase())) ||
      (error === 'MobileTaken' && this.#claims.has(person.mobile));
  }

  /** Remembers how the accounts stand. */
  remember(atMs: number): void {
    this.#moments.push({ atMs, accounts: copyOf(this.accounts) });
  }

  #createTenant({ payload }: CommandOf<'CreateTenant'>): Outcome {
    if (this.created) return refused('catalog', 'TenantExists');
    if (!payload.timeZone.startsWith('Australia/')) return refused('catalog', 'TimeZoneUnknown');
    this.created = true;
    return accepted('catalog', [{ chain: 'catalog', type: 'TenantCreated', entityId: payload.tenantCode }]);
  }

  #upsertProduct({ payload }: CommandOf<'UpsertProduct'>, atMs: number): Outcome {
    if ((payload.interest.rate ?? 0) < 0) return refused('catalog', 'RateNegative');
    const { minBalance = 0, maxBalance = null } = payload.constraints ?? {};
    if (maxBalance !== null && minBalance > maxBalance) return refused('catalog', 'ConstraintsInconsistent');
    const type = this.catalog.has(payload.productCode) ? 'ProductUpdated' : 'ProductCreated';
    const terms = {
      active: payload.status !== 'WITHDRAWN',
      min: cents(minBalance),
      max: maxBalance && cents(maxBalance),
    };
    this.catalogs.push({ atMs, catalog: new Map(this.catalog).set(payload.productCode, terms) });
    return accepted('catalog', [{ chain: 'catalog', type, entityId: payload.productCode }]);
  }

  #createCustomer(command: CommandOf<'CreateCustomer'>, mode: 'apply' | 'foresee'): Outcome {
    const { person } = command.payload;
    const home = this.#pickedChain(command);
    if (person.dateOfBirth > '2007-01-02') return refused(home, 'CustomerUnderAge');
    const [email, mobile] = [person.email.toLowerCase(), person.mobile];
    if (this.#claims.has(email)) return refused(home, 'EmailTaken');
    if (this.#claims.has(mobile)) return refused(home, 'MobileTaken');
    if (mode === 'foresee') return accepted(home, []);
    this.#claims.add(email).add(mobile);
    const entityId = `cust_${home}_${keyOf(command).slice(0, 20)}`;
    this.#customers.add(entityId);
    return accepted(home, [{ chain: home, type: 'CustomerCreated', entityId }]);
  }

  #openAccount(command: CommandOf<'OpenAccount'>, catalog: Catalog, mode: 'apply' | 'foresee'): Outcome {
    const { customerId, productCode, initialDeposit = 0 } = command.payload;
    const chain = customerId.slice(5, 7);
    const terms = catalog.get(productCode);
    const deposit = cents(initialDeposit);
    if (!this.#customers.has(customerId)) return refused(chain, 'CustomerUnknown');
    if (!terms) return refused(chain, 'ProductUnknown');
    if (!terms.active) return refused(chain, 'ProductWithdrawn');
    if (deposit < terms.min) return refused(chain, 'InitialDepositTooLow');
    if (terms.max !== null && deposit > terms.max) return refused(chain, 'MaximumBalanceExceeded');
    const entityId = `acc_${chain}_${keyOf(command).slice(0, 20)}`;
    const balanceMinor = (this.ledger.get(`${chain} ${OPENING_DEPOSITS}`) ?? 0) - deposit;
    if (mode === 'apply') {
      this.accounts.set(entityId, { balance: deposit, floor: terms.min, ceiling: terms.max, closed: false });
      this.ledger.set(`${chain} ${OPENING_DEPOSITS}`, balanceMinor);
    }
    const effects: Effect[] = [{ chain, type: 'AccountOpened', entityId, bounds: `${terms.min} ${terms.max}` }];
    if (deposit > 0) {
      effects.push({ chain, type: 'FundsPosted', entityId: '' });
      effects.push(moved(chain, OPENING_DEPOSITS, -deposit, balanceMinor), moved(chain, entityId, deposit, deposit));
    }
    return accepted(chain, effects);
  }

  #postEntry(
    command: CommandOf<'PostEntry'>,
    accounts: ReadonlyMap<string, Account>,
    mode: 'apply' | 'foresee',
  ): Outcome {
    const { legs, currency, valueDate, bookingDate, closes = [] } = command.payload;
    const home =
      legs
        .map(({ accountId }) => chainOf(accountId))
        .find((chain) => chain !== undefined && Number(chain) < this.#chainCount) ?? this.#pickedChain(command);
    const deltas = new Map<string, number>();
    for (const { accountId, direction, amount } of legs) {
      const delta = direction === 'DEBIT' ? cents(amount) : -cents(amount);
      deltas.set(accountId, (deltas.get(accountId) ?? 0) + delta);
    }
    if (currency !== 'AUD') return refused(home, 'CurrencyMismatch');
    if ([...deltas.values()].reduce((sum, delta) => sum + delta, 0) !== 0) return refused(home, 'EntryUnbalanced');
    if (valueDate < bookingDate) return refused(home, 'ValueDateBeforeBooking');
    const members: { id: string; delta: number; account: Account }[] = [];
    for (const [id, delta] of deltas) {
      if (id.startsWith('GL_')) continue;
      const account = accounts.get(id);
      if (!account) return refused(home, 'AccountUnknown');
      members.push({ id, delta, account });
    }
    if (members.some(({ account }) => account.closed)) return refused(home, 'AccountClosed');
    const after = ({ account, delta }: (typeof members)[number]): number => account.balance + delta;
    const short = members.some(
      (each) => each.delta < 0 && after(each) < each.account.floor && !(closes.includes(each.id) && after(each) >= 0),
    );
    if (short) return refused(home, 'InsufficientFunds');
    const full = ({ account, delta }: (typeof members)[number]): boolean =>
      delta > 0 && account.ceiling !== null && account.balance + delta > account.ceiling;
    if (members.some(full)) return refused(home, 'MaximumBalanceExceeded');
    const open = closes.some((id) => !members.some((each) => each.id === id && after(each) === 0));
    if (open) return refused(home, 'ClosingBalanceNotZero');

    if (mode === 'foresee') return accepted(home, []);
    const effects: Effect[] = [{ chain: home, type: 'EntryPosted', entityId: '' }];
    for (const [id, delta] of deltas) {
      const account = this.accounts.get(id);
      if (!account) {
        effects.push(this.#ledgerMoves(home, id, delta));
        continue;
      }
      account.balance += delta;
      const chain = chainOf(id) ?? home;
      effects.push(moved(chain, id, delta, account.balance));
      if (!closes.includes(id)) continue;
      account.closed = true;
      effects.push({ chain, type: 'AccountClosed', entityId: id });
    }
    return accepted(home, effects);
  }

  #pickedChain(command: CommandEnvelope): string {
    return String(Number.parseInt(keyOf(command).slice(0, 8), 16) % this.#chainCount).padStart(2, '0');
  }

  /** General-ledger accounts have a share on every chain. */
  #ledgerMoves(chain: string, id: string, delta: number): Effect {
    const balanceMinor = (this.ledger.get(`${chain} ${id}`) ?? 0) + delta;
    this.ledger.set(`${chain} ${id}`, balanceMinor);
    return moved(chain, id, delta, balanceMinor);
  }
}

function copyOf(accounts: ReadonlyMap<string, Account>): Map<string, Account> {
  return new Map([...accounts].map(([id, account]) => [id, { ...account }]));
}

function chainOf(accountId: string): string | undefined {
  return /^acc_(\d\d)_/.exec(accountId)?.[1];
}

function moved(chain: string, entityId: string, deltaMinor: number, balanceMinor: number): Effect {
  return { chain, type: 'AccountBalanceUpdated', entityId, deltaMinor, balanceMinor };
}

function accepted(home: string, effects: Effect[]): Outcome {
  return { home, effects };
}

function refused(home: string, error: string): Outcome {
  return { home, error, effects: [{ chain: home, type: 'CommandRefused', entityId: '' }] };
}
