import * as z from 'zod';
import { currencyCode, plainText, requiredText, tenantCode } from '../primitives.ts';

/** Creates a credit union. The currency and the time zone are checked by the ledger, not by form. */
export const createTenantPayload = z
  .strictObject({
    tenantCode,
    displayName: requiredText(),
    region: z
      .string()
      .regex(/^[A-Z]{2}$/, { error: 'Expected an ISO 3166-1 alpha-2 code' })
      .meta({ example: 'AU' }),
    baseCurrency: currencyCode,
    timeZone: requiredText(64).meta({ description: 'IANA time zone identifier.', example: 'Australia/Sydney' }),
    regulatoryJurisdiction: plainText(64).optional(),
    businessType: plainText(64).optional(),
  })
  .meta({ id: 'CreateTenantPayload' });
export type CreateTenantPayload = z.infer<typeof createTenantPayload>;
