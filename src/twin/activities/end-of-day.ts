import { byChain, CHAINS_PER_WORKER, perChain } from './chains.ts';
import type { Session } from './session.ts';
import { post } from './simulate-day.ts';

/** Posts the evening: loan repayments that are due, and at month end interest and fees. Ends the simulated day. */
export async function endOfDay(session: Session, input: { day: number }): Promise<{ day: number; done: boolean }> {
  const { config, directory, ports } = session;
  const plan = session.plan(input.day);
  await directory.load();
  const debtors = plan.endOfDay.filter((entry) => entry.purpose === 'LOAN_REPAYMENT');
  await directory.loadAccounts(debtors.map(({ member }) => ({ member, kind: 'LOAN' as const })));
  await perChain(byChain(session, plan.endOfDay), {
    atOnce: config.workers * CHAINS_PER_WORKER,
    task: (entries) => post(session, { date: plan.date, entries }),
  });
  ports.metrics.dayEnded({ day: input.day + 1, date: plan.date });
  return { day: input.day + 1, done: input.day + 1 >= config.days };
}
