import type { Stream } from '../../random/stream.ts';
import { isDue } from '../bills.ts';
import type { Act, DayContext } from '../day-plan.ts';

/** A direct debit is tried whatever the balance; whoever pays by BPAY looks first. */
export function addBills(context: DayContext, stream: Stream): Act[] {
  const { day, household } = context;
  const acts: Act[] = [];
  for (const due of day.processes) {
    for (const bill of household.bills) {
      if (!isDue(bill, due)) continue;
      const debit = bill.rail === 'DIRECT_ENTRY';
      // Direct entry comes in the morning's file, after the pay; BPAY when the member sits down to it.
      const second = debit ? stream.int(6 * 3600 + 600, 7 * 3600 - 1) : stream.int(9 * 3600, 21 * 3600);
      // Metered bills vary from one to the next.
      const amountMinor = debit ? bill.amountMinor : Math.round(bill.amountMinor * stream.between(0.9, 1.1));
      acts.push({
        second,
        run: (ledger) =>
          ledger.spend(
            {
              second,
              purpose: debit ? 'BILL_DIRECT_ENTRY' : 'BILL_BPAY',
              narrative: `${debit ? 'Direct debit' : 'BPAY'} - ${bill.name}`,
              tags: { category: bill.category, channel: bill.rail, counterparty: bill.name },
              group: bill.group,
            },
            { to: debit ? 'GL_DIRECT_ENTRY_CLEARING' : 'GL_BPAY_CLEARING', amountMinor, insist: debit },
          ),
      });
    }
  }
  return acts;
}
