import { openingOfTenant } from '../commands/opening.ts';
import type { TwinConfig } from '../config.ts';
import { TenantTaken } from '../ledger/ledger.ts';
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

/**
 * Creates the tenant and its products.
 * @throws TenantTaken, before anything is written, when the ledger holds this tenant with other settings
 */
export async function bootstrap(session: Session): Promise<BootstrapResult> {
  const { config } = session;
  const opening = openingOfTenant(session.world, session.sender);
  const [answer] = await session.ports.ledger.rehearse(
    config.tenantId,
    opening.slice(0, 1).map((command) => command.envelope),
  );
  if (answer?.code === 'TenantExists') {
    throw new TenantTaken(
      `Cannot open ${config.tenantId}: the ledger holds this tenant already, made with other settings. Take another tenant, an empty store, or the settings it was made with`,
    );
  }
  await session.courier.deliver(opening);
  return {
    config,
    seeding: { from: 0, done: false },
    today: { day: 0, done: false },
    shares: Array.from({ length: config.workers }, (_, share) => share),
  };
}
