import { twinConfig, type TwinInput } from '../config.ts';
import { bootstrap } from './bootstrap.ts';
import { complete } from './complete.ts';
import { endOfDay } from './end-of-day.ts';
import { seedMembers } from './seed-members.ts';
import { sessionOf, type TwinPorts } from './session.ts';
import { settleDay } from './settle-day.ts';
import { simulateDay } from './simulate-day.ts';

/** What the state machine asks the twin to do. */
export type ActivityInput = { config: TwinInput } & (
  | { activity: 'bootstrap' }
  | { activity: 'seedMembers'; from: number }
  | { activity: 'simulateDay'; day: number; share: number; shares: number }
  | { activity: 'settleDay'; day: number }
  | { activity: 'endOfDay'; day: number }
  | { activity: 'complete' }
);

/** Does one activity; safe to repeat. */
export async function runActivity(input: ActivityInput, ports: TwinPorts): Promise<unknown> {
  const session = sessionOf(twinConfig(input.config), ports);
  switch (input.activity) {
    case 'bootstrap':
      return bootstrap(session);
    case 'seedMembers':
      return seedMembers(session, input);
    case 'simulateDay':
      return simulateDay(session, input);
    case 'settleDay':
      return settleDay(session, input);
    case 'endOfDay':
      return endOfDay(session, input);
    case 'complete':
      return complete(session);
    default:
      return input satisfies never;
  }
}
