import { openingOfTenant } from '../commands/opening.ts';
import type { TwinConfig } from '../config.ts';
import type { Session } from './session.ts';

/** What the state machine carries from here on. */
export interface BootstrapResult {
  /** All settings, defaults filled in. */
  config: TwinConfig;
  seeding: { from: number; done: boolean };
  today: { day: number; done: boolean };
  /** One number per worker: its share of the chains. */
  shares: number[];
}

/** Creates the tenant and its products. */
export async function bootstrap(session: Session): Promise<BootstrapResult> {
  const { config } = session;
  await session.courier.deliver(openingOfTenant(session.world, session.sender));
  return {
    config,
    seeding: { from: 0, done: false },
    today: { day: 0, done: false },
    shares: Array.from({ length: config.workers }, (_, share) => share),
  };
}
