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
  valueDate: string;
  /** Accounts that the entry closes. */
  closes: ReadonlySet<string>;
  /** Whether the entry takes back an opening: it names what it reverses and moves no other member account. */
  reversal: boolean;
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
  const early = deltaMinor < 0 && maturesOn !== undefined && context.valueDate < maturesOn;
  check(
    !early || context.reversal,
    () => `Account ${accountId} pays out on ${context.valueDate}, before it matures on ${maturesOn ?? ''}`,
  );

  // An account may go below its least balance on its way out, but not below zero.
  const leaving = context.closes.has(accountId) || (early && context.reversal);
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
