import * as z from 'zod';
import { amount, currencyCode, entityId, plainText, positiveAmount, productCode } from '../primitives.ts';

/** Opens an account of a product for a customer; on a LOAN product it is an application, decided at once. */
export const openAccountPayload = z
  .strictObject({
    customerId: entityId.meta({ example: 'cust_07_5f0c2f3c9d5e4b7a8c1d' }),
    productCode,
    accountAlias: plainText().optional(),
    initialDeposit: amount.optional(),
    currency: currencyCode,
    accountPurpose: plainText(64).optional(),
    loan: z
      .strictObject({ principal: positiveAmount.optional(), termMonths: z.int().min(1).max(600).optional() })
      .optional()
      .meta({ description: 'LOAN products only. Defaults: the least amount and the default term of the product.' }),
  })
  .meta({ id: 'OpenAccountPayload' });
