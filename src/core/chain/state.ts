import type { ChainEvent, ChainEventOf, EventType } from '../../contract/events.ts';
import { type Account, evolveAccount } from '../account/account.ts';
import { type Customer, evolveCustomer } from '../customer/customer.ts';
import { evolveProduct, type Product } from '../product/product.ts';
import { evolveTenant, type Tenant } from '../tenant/tenant.ts';
import { isGeneralLedger } from './name.ts';
import { RememberedCommands } from './remembered.ts';

/** Where a command's events stand: enough to give its answer again, and to know it from another with the same key. */
export interface Remembered {
  digest: string;
  seq: number;
  events: number;
}

export interface Table<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): unknown;
}

/** What deciding needs to know of a chain: the fold of its events. */
export interface ChainState {
  /** The tenant by its code; on the catalog chain only, as the products. */
  tenants: Table<Tenant>;
  products: Table<Product>;
  customers: Table<Customer>;
  accounts: Table<Account>;
  /** The chain's share of the balance of each GL account, in minor units. */
  ledger: Table<number>;
  /** Commands by key. */
  commands: Table<Remembered>;
}

/** A chain's state as it is held from commit to commit: its tables can be listed. */
export interface HeldChainState extends ChainState {
  tenants: Map<string, Tenant>;
  products: Map<string, Product>;
  customers: Map<string, Customer>;
  accounts: Map<string, Account>;
  ledger: Map<string, number>;
  commands: RememberedCommands;
}

export function initialChainState(): HeldChainState {
  return {
    tenants: new Map(),
    products: new Map(),
    customers: new Map(),
    accounts: new Map(),
    ledger: new Map(),
    commands: new RememberedCommands(),
  };
}

/** Folds one event into the state, which it changes in place. */
export function evolveChain(state: ChainState, event: ChainEvent): void {
  if (event.command) {
    state.commands.set(event.command.key, {
      digest: event.command.digest,
      seq: event.seq,
      events: event.command.events,
    });
  }
  switch (event.type) {
    case 'TenantCreated':
      state.tenants.set(event.entityId, evolveTenant(event));
      return;
    case 'ProductCreated':
    case 'ProductUpdated':
      state.products.set(event.entityId, evolveProduct(event));
      return;
    case 'CustomerCreated':
      state.customers.set(event.entityId, evolveCustomer(undefined, event));
      return;
    case 'LoanFacilityCreated':
      foldIntoCustomer(state, event);
      return;
    case 'AccountBalanceUpdated':
      if (isGeneralLedger(event.entityId)) {
        state.ledger.set(event.entityId, event.payload.balanceMinor);
        return;
      }
      state.accounts.set(event.entityId, evolveAccount(state.accounts.get(event.entityId), event));
      return;
    case 'AccountOpened':
      foldIntoCustomer(state, event);
      state.accounts.set(event.entityId, evolveAccount(undefined, event));
      return;
    case 'AccountClosed':
      state.accounts.set(event.entityId, evolveAccount(state.accounts.get(event.entityId), event));
      return;
    case 'FundsPosted':
    case 'EntryPosted':
    case 'CommandRefused':
      return; // The entry's effects follow as AccountBalanceUpdated; a refusal changes nothing but what is remembered.
    default:
      return unknownEvent(event);
  }
}

function foldIntoCustomer(state: ChainState, event: ChainEventOf<'AccountOpened' | 'LoanFacilityCreated'>): void {
  const { customerId } = event.payload;
  state.customers.set(customerId, evolveCustomer(state.customers.get(customerId), event));
}

function unknownEvent(event: never): never {
  // A newer version of the ledger may have written it: deciding on half-known state would be worse than not deciding.
  throw new Error(`Cannot fold an event of unknown type "${(event as { type: EventType }).type}"`);
}
