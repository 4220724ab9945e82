import type { Schemas } from '../../sdk/client.ts';
import type { Envelope } from '../commands/envelope.ts';

/** What the ledger said to one command. */
export interface Answer {
  /** `ACCEPTED`, or the code of the refusal or fault, such as `InsufficientFunds`. */
  code: string;
  /** Id of what an accepted command made, else empty. */
  entityId: string;
  /** The command was not decided, and may be sent again with the same key. */
  transient: boolean;
  message: string;
}

export type Customer = Schemas['CustomerSummary'];
export type Account = Schemas['AccountSummary'];

/**
 * The ledger as the twin sees it: a thin port over the SDK, so that tests can put another behind it.
 * Every method throws LedgerUnavailable when the ledger could not be reached or was too busy.
 */
export interface Ledger {
  /** One request; one answer for each command, in order. */
  submit(tenantId: string, commands: readonly Envelope[]): Promise<Answer[]>;
  /** What the answers would be; nothing is written. */
  rehearse(tenantId: string, commands: readonly Envelope[]): Promise<Answer[]>;
  customers(
    tenantId: string,
    page: { offset: number; limit: number },
  ): Promise<{ customers: Customer[]; total: number }>;
  accounts(
    tenantId: string,
    page: { offset: number; limit: number; customerId?: string },
  ): Promise<{ accounts: Account[]; total: number }>;
  chains(tenantId: string): Promise<Schemas['ChainList']['chains']>;
  trialBalance(tenantId: string): Promise<Schemas['TrialBalance']>;
}

/** The ledger could not be reached in time, or asks to be left alone for a while. Nothing is known to have happened. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
  readonly code = 'LEDGER_UNAVAILABLE';
}

/** The ledger answered something that the twin did not expect: one of the two is wrong. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly code = 'UNEXPECTED_ANSWER';
}

/** The ledger holds the tenant from another run. */
export class TenantTaken extends Error {
  override readonly name = 'TenantTaken';
  readonly code = 'TENANT_TAKEN';
}
