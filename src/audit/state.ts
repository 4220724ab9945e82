import type { EventPayload, ProductTerms } from '../contract/events.ts';
import type { Claims } from './claims.ts';
import type { Findings } from './findings.ts';
import type { StatisticsCollector } from './statistics.ts';
import type { Transfers } from './transfers.ts';

/** A member account as the audit has folded it. */
export interface AuditedAccount {
  accountId: string;
  chain: string;
  /** Terms as the account was opened with; absent where the journal never opened it, which is a breach of its own. */
  terms: EventPayload<'AccountOpened'> | undefined;
  /** The command that opened it. */
  openedBy: string | undefined;
  status: 'ACTIVE' | 'CLOSED';
  /** Sum of the account's legs so far: debits minus credits. */
  balanceMinor: number;
}

/** All that the audit knows of a tenant while it reads the tenant's chains. */
export interface TenantState {
  tenantId: string;
  findings: Findings;
  statistics: StatisticsCollector;
  tenant: EventPayload<'TenantCreated'> | undefined;
  /** The date of a moment in the tenant's time zone. */
  localDate: (timestamp: string) => string;
  /** Member chains of the tenant: `00` … */
  memberChains: ReadonlySet<string>;
  /** All versions of each product: accounts keep the terms of the version they were opened with. */
  products: Map<string, ProductTerms[]>;
  customers: Map<string, { chain: string }>;
  accounts: Map<string, AuditedAccount>;
  /** Shares of the GL accounts by chain. */
  ledgers: Map<string, Map<string, number>>;
  transfers: Transfers;
  /** What can only be judged when the catalog has been read as far as the other chains. */
  later: (() => void)[];
  claims: Claims;
}

/** @returns the account, entered as one without terms where the journal has never opened it */
export function accountOf(state: TenantState, accountId: string, chain: string): AuditedAccount {
  let account = state.accounts.get(accountId);
  if (!account) {
    account = { accountId, chain, terms: undefined, openedBy: undefined, status: 'ACTIVE', balanceMinor: 0 };
    state.accounts.set(accountId, account);
  }
  return account;
}

/** @returns the GL accounts' shares on one chain */
export function ledgerOf(state: TenantState, chain: string): Map<string, number> {
  let ledger = state.ledgers.get(chain);
  if (!ledger) {
    ledger = new Map();
    state.ledgers.set(chain, ledger);
  }
  return ledger;
}
