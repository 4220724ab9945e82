import type { Stream } from '../../random/stream.ts';
import type { IntentLeg } from '../../world/intent.ts';
import type { Act, DayContext } from '../day-plan.ts';

const SELLERS = [
  'GRIMBLE CARS',
  'HAMMER & GUM RENOVATIONS',
  'SALTFERN SOLAR',
  'JETTY ROAD DENTAL',
  'LANTERN & TIDE WEDDINGS',
];

/** Draws an approved loan on its day, less the establishment fee, and spends most of it on the next. */
export function addLoanUse(context: DayContext, stream: Stream): Act[] {
  const { day, loan, terms } = context;
  if (!loan || loan.expect !== 'ACCEPTED') return [];
  const feeMinor = terms.loan.establishmentFeeMinor;
  if (loan.day === day.day) {
    const second = 5 * 3600 + 900;
    return [
      {
        second,
        run: (ledger) => {
          const legs: IntentLeg[] = [
            { account: ledger.account('LOAN'), direction: 'CREDIT', amountMinor: loan.principalMinor },
            { account: ledger.account('TXN'), direction: 'DEBIT', amountMinor: loan.principalMinor - feeMinor },
          ];
          if (feeMinor > 0) legs.push({ account: 'GL_FEE_INCOME', direction: 'DEBIT', amountMinor: feeMinor });
          const tags = { category: 'LOAN', channel: 'ONLINE' };
          ledger.post({
            second,
            purpose: 'LOAN_DRAWDOWN',
            legs,
            narrative: 'Loan drawdown less establishment fee',
            tags,
          });
        },
      },
    ];
  }
  if (loan.day + 1 !== day.day) return [];
  const second = stream.int(10 * 3600, 16 * 3600);
  const amountMinor = Math.floor((loan.principalMinor * stream.between(0.75, 0.9)) / 100) * 100;
  const seller = stream.pick(SELLERS);
  return [
    {
      second,
      run: (ledger) => {
        const tags = { category: 'LOAN_PURPOSE', channel: 'NPP', counterparty: seller };
        const entry = { second, purpose: 'EXTERNAL_PAYMENT' as const, narrative: `Payment - ${seller}`, tags };
        ledger.spend(entry, { to: 'GL_NPP_CLEARING', amountMinor, insist: false });
      },
    },
  ];
}
