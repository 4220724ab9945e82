import type { ChainEvent } from '../../contract/events.ts';
import { CATALOG, chainOfId } from '../../core/chain/name.ts';
import type { Sight } from './sight.ts';

/** Digits of its command's key that an id carries. */
const ENTITY_DIGITS = 20;
const ENTRY_DIGITS = 12;

/**
 * Watches TENANT_ISOLATION: what an event names was made for the place where it stands. An id carries the chain and the key of
 * its command, and the key hangs on the tenant.
 */
export class PlaceWatch {
  readonly #sight: Sight;
  /** Key of the command whose events are being read. */
  #key: string | undefined;

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  beginCommit(): void {
    this.#key = undefined;
  }

  look(event: ChainEvent): void {
    if (event.command) this.#key = event.command.key;
    switch (event.type) {
      case 'FundsPosted':
      case 'EntryPosted':
        return this.#lookAtId(event, `ent_${this.#sight.chain}_`, `${event.seq}_`, ENTRY_DIGITS);
      case 'CustomerCreated':
        return this.#lookAtId(event, `cust_${this.#sight.chain}_`, '', ENTITY_DIGITS);
      case 'AccountOpened':
        this.#lookAtId(event, `acc_${this.#sight.chain}_`, '', ENTITY_DIGITS);
        return this.#lookAtCustomer(event.seq, event.payload.customerId);
      case 'AccountBalanceUpdated':
        return; // Its account is looked for on this chain anyway.
      case 'LoanFacilityCreated':
      case 'AccountClosed':
        if (chainOfId(event.entityId) !== this.#sight.chain || !this.#sight.rows.accounts.peek(event.entityId))
          this.#breach(event, `${event.type} names an account that was never opened on this chain`);
        return;
      case 'ProductCreated':
      case 'ProductUpdated':
        if (this.#sight.chain !== CATALOG || event.payload.productCode !== event.entityId)
          this.#breach(event, 'A product does not stand where products do');
        return;
      case 'TenantCreated':
        if (event.payload.tenantCode !== this.#sight.rows.ref.tenantId || this.#sight.chain !== CATALOG)
          this.#breach(event, 'The chain of one tenant holds the creation of another');
        return;
      case 'CommandRefused':
        if (event.entityId !== event.causationId) this.#breach(event, 'A refusal names another command than its own');
        return;
      default:
        event satisfies never;
        this.#sight.breach('HASH_CHAIN', event, 'A line is of a type that no ledger writes');
    }
  }

  #lookAtId(event: ChainEvent, ofChain: string, ofPlace: string, digits: number): void {
    const id = event.entityId;
    const holds =
      this.#key === undefined ? id.startsWith(ofChain) : id === `${ofChain}${ofPlace}${this.#key.slice(0, digits)}`;
    if (!holds) this.#breach(event, 'An id was not made for the place where it stands');
  }

  #lookAtCustomer(seq: number, customerId: string): void {
    const customer = this.#sight.rows.customers.peek(customerId);
    if (customer && customer.seq >= seq) this.#sight.seenBefore();
    if (!customer || chainOfId(customerId) !== this.#sight.chain)
      this.#sight.breach('TENANT_ISOLATION', { seq }, 'An account names a customer who is not on this chain', {
        customerId,
      });
  }

  #breach(event: ChainEvent, reason: string): void {
    this.#sight.breach('TENANT_ISOLATION', event, reason, { entityId: event.entityId });
  }
}
