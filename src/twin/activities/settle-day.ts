import type { Session } from './session.ts';
import { post } from './simulate-day.ts';

/**
 * Posts the payments between members of a day: one ordered sequence, as a clearing house would, after every chain is
 * done with its own entries. They touch two chains each; in any other way their order would depend on timing.
 */
export async function settleDay(session: Session, input: { day: number }): Promise<{ commands: number }> {
  const plan = session.plan(input.day);
  await session.directory.load();
  await post(session, { date: plan.date, entries: plan.settlement });
  return { commands: plan.settlement.length };
}
