import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { accountId, currencyCode, isoDate, metadata, positiveAmount, requiredText, tags } from '../primitives.ts';

export const direction = z.enum(['DEBIT', 'CREDIT']).meta({
  description: 'DEBIT raises and CREDIT lowers the balance, on every account (the member’s view).',
});

const leg = z.strictObject({ accountId, direction, amount: positiveAmount }).meta({ id: 'Leg' });

/** Posts a balanced entry: the only way to move money. */
export const postEntryPayload = z
  .strictObject({
    bookingDate: isoDate,
    valueDate: isoDate,
    currency: currencyCode,
    legs: z.array(leg).min(1).max(LIMITS.legs),
    narrative: requiredText(LIMITS.narrativeLength),
    tags: tags.optional(),
    metadata: metadata.optional(),
    closes: z
      .array(accountId)
      .min(1)
      .max(LIMITS.legs)
      .optional()
      .meta({ description: 'Accounts among the legs that this entry closes; their balance must end at zero.' }),
  })
  .meta({ id: 'PostEntryPayload' });
