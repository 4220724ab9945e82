import type { CommandEnvelope } from '../../src/contract/envelope.ts';
import type { Journal } from '../../src/journal/port.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { entityOf, gatewayOn, type Member, move, openAccount, openBank, sendBatch } from './ledger.ts';

export interface BankMonth {
  journal: Journal & { tenants(): Promise<string[]> };
  members: Member[];
  /** A loan account of the first member, drawn down. */
  loanId: string;
  /** An account of the second member, opened and closed again. */
  closedId: string;
}

/** Billers, each with a GL account: so many that a chain's lines of the ledger are more than its cursor holds. */
const BILLERS = 40;

/** A deterministic stream of whole numbers below a bound. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/**
 * A small bank with some history, made by the real gateway: batches of all sizes, entries within and across chains, refusals,
 * a loan, a closed account, value dates that run ahead.
 */
export async function bankMonth(options: { members: number; entries: number; seed?: number }): Promise<BankMonth> {
  const journal = createMemoryJournal();
  const gateway = gatewayOn(journal);
  const members = await openBank(gateway, { members: options.members, deposit: 100_000 });
  const [first, second] = members;
  if (!first || !second) throw new Error('Expected at least two members');
  const [loan, closing] = await sendBatch(gateway, [
    openAccount(first.customerId, { id: 'loan', productCode: 'LOAN', loan: { principal: 10_000, termMonths: 36 } }),
    openAccount(second.customerId, { id: 'short-lived', initialDeposit: 50 }),
  ]);
  const [loanId, closedId] = [entityOf(loan), entityOf(closing)];

  const pick = numbers(options.seed ?? 1);
  const entries: CommandEnvelope[] = [
    move(loanId, first.accountId, 10_000, { id: 'drawdown' }),
    move(closedId, second.accountId, 50, { id: 'closing', change: { closes: [closedId] } }),
    move(closedId, second.accountId, 1, { id: 'refused: closed' }),
  ];
  for (let index = 0; index < options.entries; index += 1) {
    const from = members[pick(Math.min(members.length, 3))]?.accountId ?? '';
    const kind = pick(10);
    const to =
      kind < 4
        ? 'GL_CARD_SETTLEMENT'
        : kind < 6
          ? `GL_BILLER_${index % BILLERS}`
          : kind < 8
            ? 'GL_CASH'
            : (members[pick(members.length)]?.accountId ?? '');
    const day = String(1 + Math.floor((index * 28) / options.entries)).padStart(2, '0');
    // Every seventh entry takes value later than those after it.
    const valueDay = index % 7 === 0 ? String(Math.min(28, Number(day) + pick(5))).padStart(2, '0') : day;
    const amount = kind === 9 ? 10_000_000 : (1 + pick(9_999)) / 100;
    entries.push(
      from === to
        ? move('GL_CASH', to, amount, { id: `entry ${index}` })
        : move(from, to, amount, {
            id: `entry ${index}`,
            change: { bookingDate: `2025-01-${day}`, valueDate: `2025-01-${valueDay}` },
          }),
    );
  }
  for (let start = 0; start < entries.length;) {
    const size = 1 + pick(pick(2) === 0 ? 3 : 40);
    await sendBatch(gateway, entries.slice(start, start + size));
    start += size;
  }
  return { journal, members, loanId, closedId };
}
