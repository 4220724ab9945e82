import type { ChainRef } from '../core/chain/name.ts';
import type { AccountRow } from './accounts/account-row.ts';
import type { StatementPage } from './accounts/statement.ts';
import type { CustomerRow } from './customers/customer-row.ts';
import type { DigestCount, DigestRow } from './digests/digest-row.ts';
import type { DigestRefusal } from './digests/digest-refusal.ts';
import type { LedgerRow } from './ledger/ledger-row.ts';
import type { ListKind, ListPage } from './lists/list-page.ts';
import type { BreachRow } from './monitor/round-breaches.ts';
import type { KeptBreach } from './monitor/watch.ts';
import type { ProductRow } from './products/product-row.ts';
import type { Cursor } from './projection/cursor.ts';
import type { SweepProgress } from './rebuild/sweep-progress.ts';
import type { RowKey } from './row.ts';

/**
 * All keys of the views table. Every partition begins with the tenant and `#`, which is what the tenant's role is bound to.
 * Numbers are padded, so that keys sort as their numbers do.
 */
const seqText = (seq: number): string => String(seq).padStart(16, '0');
const padded = (index: number): string => String(index).padStart(6, '0');
/** As many as a digest's number has at most. */
const DIGEST_DIGITS = 8;

/** How far the views of each chain are: one row a chain. */
export function cursorsPartition(tenantId: string): string {
  return `${tenantId}#cursor`;
}

export function cursorKey(ref: ChainRef): RowKey<Cursor> {
  return { pk: cursorsPartition(ref.tenantId), sk: ref.chain };
}

export function accountKey(tenantId: string, accountId: string): RowKey<AccountRow> {
  return { pk: `${tenantId}#account#${accountId}`, sk: 'account' };
}

export function statementPageKey(options: {
  tenantId: string;
  accountId: string;
  page: number;
}): RowKey<StatementPage> {
  return { pk: `${options.tenantId}#account#${options.accountId}`, sk: `page#${padded(options.page)}` };
}

export function customerKey(tenantId: string, customerId: string): RowKey<CustomerRow> {
  return { pk: `${tenantId}#customer#${customerId}`, sk: 'customer' };
}

export function productKey(tenantId: string, productCode: string): RowKey<ProductRow> {
  return { pk: `${tenantId}#product#${productCode}`, sk: 'product' };
}

/** Ids in the order of their creation, a chain's at a time. */
export function listPageKey(ref: ChainRef, kind: ListKind, page: number): RowKey<ListPage> {
  return { pk: `${ref.tenantId}#${kind}#${ref.chain}`, sk: padded(page) };
}

/** Copies of the digests: not of the journal's making, so no part of a comparison or a rebuild. */
export function digestsPartition(tenantId: string): string {
  return `${tenantId}#digest`;
}

export function digestKey(tenantId: string, number: number): RowKey<DigestRow> {
  return { pk: digestsPartition(tenantId), sk: String(number).padStart(DIGEST_DIGITS, '0') };
}

export function digestCountKey(tenantId: string): RowKey<DigestCount> {
  return { pk: digestsPartition(tenantId), sk: 'count' };
}

export function digestRefusalKey(tenantId: string): RowKey<DigestRefusal> {
  return { pk: digestsPartition(tenantId), sk: 'refused' };
}

/** What the monitor has found in the commits of a chain. */
export function breachesPartition(ref: ChainRef): string {
  return `${ref.tenantId}#breaches#${ref.chain}`;
}

export function breachKey(ref: ChainRef, commitFirstSeq: number): RowKey<BreachRow> {
  return { pk: breachesPartition(ref), sk: seqText(commitFirstSeq) };
}

/** Commits that were changed after they had been written, or that cannot be read: one row a commit, of all chains. */
export function spoiltPartition(tenantId: string): string {
  return `${tenantId}#spoilt`;
}

export function spoiltKey(ref: ChainRef, commitFirstSeq: number): RowKey<KeptBreach> {
  return { pk: spoiltPartition(ref.tenantId), sk: `${ref.chain}#${seqText(commitFirstSeq)}` };
}

/** What begins the partitions in which rebuilds write rows beside the real ones: no part of the views. */
export function shadowsPrefix(tenantId: string): string {
  return `${tenantId}#rebuild#`;
}

/** How far the sweeps are with the chains of a tenant that are in doubt: no part of the views either. */
export function sweepProgressKey(tenantId: string): RowKey<SweepProgress> {
  return { pk: `${shadowsPrefix(tenantId)}sweeps`, sk: 'progress' };
}

/** Sums by GL account and by product: the rows of all chains in one partition. */
export function ledgerPartition(tenantId: string): string {
  return `${tenantId}#ledger`;
}

export function ledgerKey(ref: ChainRef, page: number): RowKey<LedgerRow> {
  return { pk: ledgerPartition(ref.tenantId), sk: `${ref.chain}#${padded(page)}` };
}
