import type { Findings } from './findings.ts';
import type { AuditedAccount } from './state.ts';

/** What one entry did to one member account. */
export interface Movement {
  account: AuditedAccount;
  deltaMinor: number;
  /** Balance after the entry. */
  balanceMinor: number;
  chain: string;
  seq: number;
}

export interface MovementContext {
  /** Absent where the entry stands on another chain, whose side of it tells the date (`Transfers`). */
  bookingDate: string | undefined;
  /** Accounts that the entry closes. */
  closes: ReadonlySet<string>;
  /** The command that the entry says it takes back, if it moves one member account only. */
  reverses: string | undefined;
}

/** Checks ACCOUNT_CONSTRAINTS for one movement: status, maturity, floor, ceiling. */
export function checkMovement(movement: Movement, context: MovementContext, findings: Findings): void {
  const { account, deltaMinor, balanceMinor, chain, seq } = movement;
  const { accountId, terms } = account;
  const check = (holds: boolean, reason: () => string) =>
    findings.check('ACCOUNT_CONSTRAINTS', holds, { chain, seq }, reason);

  check(account.status === 'ACTIVE', () => `Account ${accountId} is closed, but the entry moves it`);
  if (!terms) return;
  const { floorMinor, ceilingMinor, maturesOn } = terms;
  const { bookingDate = '' } = context;
  const early = deltaMinor < 0 && context.bookingDate !== undefined && isEarly(bookingDate, maturesOn);
  // Only its whole opening can be taken back from a term deposit.
  const isReversal = early && balanceMinor === 0 && context.reverses === account.openedBy;
  check(!early || isReversal, () => earlyReason(accountId, bookingDate, maturesOn));

  // An account may go below its least balance on its way out, but not below zero.
  const leaving = context.closes.has(accountId) || isReversal;
  const least = leaving ? Math.min(floorMinor, 0) : floorMinor;
  check(
    deltaMinor >= 0 || balanceMinor >= least,
    () => `Account ${accountId} falls to ${balanceMinor}, below its floor of ${floorMinor}`,
  );
  check(
    deltaMinor <= 0 || ceilingMinor === null || balanceMinor <= ceilingMinor,
    () => `Account ${accountId} rises to ${balanceMinor}, above its ceiling of ${String(ceilingMinor)}`,
  );
  check(
    !context.closes.has(accountId) || balanceMinor === 0,
    () => `Account ${accountId} is closed at a balance of ${balanceMinor}, not at zero`,
  );
}

/** The day on which the money is booked counts, not the one from which the entry takes effect. */
export function isEarly(bookingDate: string, maturesOn: string | undefined): boolean {
  return maturesOn !== undefined && bookingDate < maturesOn;
}

export function earlyReason(accountId: string, bookingDate: string, maturesOn: string | undefined): string {
  return `Account ${accountId} pays out on ${bookingDate}, before it matures on ${maturesOn ?? ''}`;
}
