import type { Stream } from '../../random/stream.ts';
import { transfer } from '../../world/intent.ts';
import type { Act, DayContext } from '../day-plan.ts';

const OTHER_BANK_SHARE = 0.3;
/** A member pays cash in about once in ten months. */
const PAY_IN_CHANCE = 0.0035;

/** Withdrawals in notes of $20, some at other banks' machines for a fee, and rare deposits at a branch. */
export function addCash(context: DayContext, stream: Stream): Act[] {
  const { household, terms } = context;
  const acts: Act[] = [];
  if (stream.chance(household.cashChance)) {
    const second = stream.int(8 * 3600, 20 * 3600);
    const amountMinor = 2_000 * Math.max(1, Math.round(stream.logNormal(3.6, 0.55)));
    const feeMinor = stream.chance(OTHER_BANK_SHARE) ? terms.atmFeeOtherMinor : 0;
    acts.push({
      second,
      run: (ledger) => {
        if (amountMinor + feeMinor > ledger.availableMinor()) return;
        const tags = { category: 'CASH', channel: 'ATM' };
        ledger.spend(
          { second, purpose: 'CASH_OUT', narrative: 'ATM withdrawal', tags: { ...tags, instrument: 'CASH' } },
          { to: 'GL_CASH', amountMinor, insist: false },
        );
        if (feeMinor === 0) return;
        ledger.spend(
          { second, purpose: 'ATM_FEE', narrative: 'Fee - ATM of another bank', tags: { ...tags, category: 'FEES' } },
          { to: 'GL_FEE_INCOME', amountMinor: feeMinor, insist: false },
        );
      },
    });
  }
  if (context.day.business && stream.chance(PAY_IN_CHANCE)) {
    const second = stream.int(9 * 3600 + 1800, 16 * 3600);
    const amountMinor = Math.min(900_000, Math.round(stream.logNormal(32_000, 0.8) / 500) * 500 + 500);
    acts.push({
      second,
      run: (ledger) =>
        ledger.post({
          second,
          purpose: 'CASH_IN',
          legs: transfer('GL_CASH', ledger.account('TXN'), amountMinor),
          narrative: 'Cash deposit at branch',
          tags: { category: 'CASH', channel: 'BRANCH', instrument: 'CASH' },
        }),
    });
  }
  return acts;
}
