import type { Stream } from '../../random/stream.ts';
import { transfer } from '../../world/intent.ts';
import type { Act, DayContext } from '../day-plan.ts';

/** With less than this many days' spending at hand, savings are drawn on, … */
const SHORT_DAYS = 2;
/** … for this many days. */
const RELIEF_DAYS = 5;
/** A transfer never takes more than this share of what is available: saving goes on in lean weeks, with less. */
const MOST_SHARE = 0.04;
const LEAST_TRANSFER_MINOR = 100;

/** To savings on two days of five (the seed's 40 %), and back when money is short. */
export function addSaving(context: DayContext, stream: Stream): Act[] {
  const { archetype, household } = context;
  const acts: Act[] = [];
  const saves = stream.chance(archetype.savingsProbability);
  const second = stream.int(7 * 3600, 21 * 3600);
  const amount = household.savingMinor * stream.between(0.5, 1.5);
  if (saves) {
    acts.push({
      second,
      run: (ledger) => {
        const most = Math.max(LEAST_TRANSFER_MINOR, ledger.availableMinor() * MOST_SHARE);
        const amountMinor = dollars(Math.min(amount, most));
        if (amountMinor > ledger.availableMinor()) return;
        ledger.post({
          second,
          purpose: 'SAVE',
          legs: transfer(ledger.account('TXN'), ledger.account('SAVINGS'), amountMinor),
          narrative: 'Transfer to savings',
          tags: { category: 'TRANSFER', channel: 'ONLINE' },
        });
      },
    });
  }
  const reliefSecond = stream.int(7 * 3600 + 900, 9 * 3600);
  acts.push({
    second: reliefSecond,
    run: (ledger) => {
      if (ledger.availableMinor() >= household.dailySpendMinor * SHORT_DAYS) return;
      const amountMinor = Math.min(dollars(household.dailySpendMinor * RELIEF_DAYS), ledger.balanceMinor('SAVINGS'));
      if (amountMinor < LEAST_TRANSFER_MINOR) return;
      ledger.post({
        second: reliefSecond,
        purpose: 'UNSAVE',
        legs: transfer(ledger.account('SAVINGS'), ledger.account('TXN'), amountMinor),
        narrative: 'Transfer from savings',
        tags: { category: 'TRANSFER', channel: 'ONLINE' },
      });
    },
  });
  return acts;
}

/** Whole dollars, at least one. */
function dollars(amountMinor: number): number {
  return Math.max(100, Math.floor(amountMinor / 100) * 100);
}
