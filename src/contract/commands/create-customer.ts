import * as z from 'zod';
import { amount, isoDate, metadata, plainText, requiredText } from '../primitives.ts';

const person = z.strictObject({
  firstName: requiredText(),
  lastName: requiredText(),
  dateOfBirth: isoDate,
  email: z.email().max(254),
  mobile: z.e164().meta({ description: 'E.164 phone number.', example: '+61491570006' }),
});

const address = z.strictObject({
  line1: requiredText(),
  line2: plainText().nullable().optional(),
  suburb: requiredText(),
  state: requiredText(64),
  postcode: requiredText(16),
  country: z.string().regex(/^[A-Z]{2}$/, { error: 'Expected an ISO 3166-1 alpha-2 code' }),
});

const employment = z.strictObject({
  status: z
    .string()
    .regex(/^[A-Z][A-Z_]{0,63}$/, { error: 'Expected an upper case code such as FULL_TIME' })
    .optional(),
  employer: plainText().nullable().optional(),
  occupation: plainText().nullable().optional(),
  annualIncome: amount.optional(),
});

const riskProfile = z.strictObject({
  segment: plainText(64).optional(),
  kycStatus: plainText(64).optional(),
  creditScore: z.int().min(0).max(1_200).optional(),
});

/**
 * Creates a member. The seed's own OpenAPI example carries no address, so it is optional here,
 * although the field list calls it required: every example of the specification passes as it stands.
 */
export const createCustomerPayload = z
  .strictObject({
    externalRef: requiredText(64).optional(),
    person,
    address: address.optional(),
    employment: employment.optional(),
    riskProfile: riskProfile.optional(),
    metadata: metadata.optional(),
  })
  .meta({ id: 'CreateCustomerPayload' });
