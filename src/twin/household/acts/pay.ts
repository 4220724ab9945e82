import { transfer } from '../../world/intent.ts';
import type { Act, DayContext } from '../day-plan.ts';

/** Pay or benefit, early in the morning of every payday. */
export function addPay(context: DayContext): Act[] {
  const { household, member, payday } = context;
  if (!payday) return [];
  const second = 5 * 3600 + 1800 + (member.index % 1800);
  return [
    {
      second,
      run: (ledger) =>
        ledger.post({
          second,
          purpose: member.employed ? 'SALARY' : 'BENEFIT',
          legs: transfer('GL_SALARY_CLEARING', ledger.account('TXN'), household.payMinor),
          narrative: `${member.employed ? 'Salary' : 'Benefit'} - ${household.payer}`,
          tags: { category: 'INCOME', channel: 'DIRECT_ENTRY', source: 'PAYROLL_SIM', counterparty: household.payer },
        }),
    },
  ];
}
