import type { Stream } from '../../random/stream.ts';
import { transfer } from '../../world/intent.ts';
import type { Act, DayContext } from '../day-plan.ts';

const NARRATIVES = [
  'Dinner split',
  'Rent share',
  'Thanks',
  'Concert tickets',
  'Groceries',
  'Birthday present',
  'Lunch',
  'Petrol money',
];

/** A payment to one of the member's contacts. It is promised now and settles in the evening. */
export function addMemberPayment(context: DayContext, stream: Stream): Act[] {
  const { household } = context;
  if (household.contacts.length === 0 || !stream.chance(household.paymentChance)) return [];
  const second = stream.int(8 * 3600, 21 * 3600);
  const payee = stream.pick(household.contacts);
  const amountMinor = Math.max(500, Math.round(stream.logNormal(4_200, 0.7) / 100) * 100);
  const narrative = stream.pick(NARRATIVES);
  return [
    {
      second,
      run: (ledger) => {
        if (amountMinor > ledger.availableMinor()) return;
        const entry = {
          second,
          purpose: 'MEMBER_PAYMENT' as const,
          legs: transfer(ledger.account('TXN'), { member: payee, kind: 'TXN' }, amountMinor),
          narrative,
          tags: { category: 'PAYMENT', channel: 'NPP' },
        };
        ledger.promise(entry, amountMinor);
      },
    },
  ];
}
