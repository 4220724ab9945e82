import type { ChainEventOf, EventPayload } from '../../contract/events.ts';
import { isTimeZone } from '../calendar.ts';
import { CATALOG } from '../chain/name.ts';
import type { CommandOfType } from '../command.ts';
import { type Decision, refuse } from '../decision.ts';

export type Tenant = EventPayload<'TenantCreated'>;

export function decideCreateTenant(command: CommandOfType<'CreateTenant'>, tenant: Tenant | undefined): Decision {
  const { payload, currencyExponent, chains } = command;
  if (tenant) return refuse('TenantExists', { tenantCode: payload.tenantCode });
  if (currencyExponent === undefined) return refuse('CurrencyUnsupported', { currency: payload.baseCurrency });
  if (!isTimeZone(payload.timeZone)) return refuse('TimeZoneUnknown', { timeZone: payload.timeZone });
  return {
    outcome: 'accepted',
    entityId: payload.tenantCode,
    events: [
      {
        chain: CATALOG,
        type: 'TenantCreated',
        entityId: payload.tenantCode,
        payload: {
          tenantCode: payload.tenantCode,
          displayName: payload.displayName,
          region: payload.region,
          baseCurrency: payload.baseCurrency,
          currencyExponent,
          timeZone: payload.timeZone,
          regulatoryJurisdiction: payload.regulatoryJurisdiction,
          businessType: payload.businessType,
          chains,
        },
      },
    ],
  };
}

export function evolveTenant(event: ChainEventOf<'TenantCreated'>): Tenant {
  return event.payload;
}
