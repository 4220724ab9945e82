import type { CreateTenantPayload } from '../contract/commands/create-tenant.ts';
import type { EventPayload, ProductTerms } from '../contract/events.ts';

/** A uniqueness claim of a new customer: kind and digest of the value. */
export interface Claim {
  kind: 'email' | 'mobile' | 'externalRef';
  digest: string;
}

/** What every command carries into a decision. */
export interface CommandMeta {
  commandId: string;
  /** The envelope's timestamp, as sent. */
  occurredAt: string;
  /** `SYSTEM:TWIN_ORCHESTRATOR` */
  actor: string;
  /** First 128 bits, in hex, of SHA-256 over the tenant and the idempotency key. */
  key: string;
  /** First 128 bits, in hex, of SHA-256 over command type and payload. */
  digest: string;
}

/** Commands with their amounts in minor units: what the pure core decides on. */
export type Command = CommandMeta &
  (
    | { type: 'CreateTenant'; payload: CreateTenantPayload; currencyExponent: number | undefined; chains: number }
    | { type: 'UpsertProduct'; payload: ProductTerms }
    | { type: 'CreateCustomer'; payload: EventPayload<'CustomerCreated'>; claims: Claim[] }
    | { type: 'OpenAccount'; payload: OpenAccount }
    | { type: 'PostEntry'; payload: PostEntry }
  );
export type CommandOfType<Type extends Command['type']> = Extract<Command, { type: Type }>;

export interface OpenAccount {
  customerId: string;
  productCode: string;
  currency: string;
  accountAlias?: string | undefined;
  accountPurpose?: string | undefined;
  initialDepositMinor: number;
  loan?: { principalMinor?: number | undefined; termMonths?: number | undefined } | undefined;
}

export interface PostEntry {
  entry: EventPayload<'EntryPosted'>;
  /** Accounts that the entry closes. */
  closes: string[];
}
