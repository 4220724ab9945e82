import * as z from 'zod';
import { amount, productCode, requiredText } from '../primitives.ts';

const rate = z
  .number()
  .min(-1_000)
  .max(1_000)
  .meta({ description: 'Rate a year as a fraction: 0.015 is 1.5 %. The ledger refuses negative rates.' });
const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'Expected an upper case code' });
const months = z.int().min(1).max(600);

export const productType = z.enum(['DEPOSIT', 'LOAN', 'TERM_DEPOSIT', 'CREDIT_CARD']);

const interest = z.strictObject({
  rate: rate.optional(),
  baseRate: rate.optional(),
  bonusRate: rate.optional(),
  bonusConditions: z
    .strictObject({ minMonthlyDeposit: amount.optional(), maxMonthlyWithdrawals: z.int().min(0).max(1_000).optional() })
    .optional(),
  calculationMethod: code.optional(),
  paymentFrequency: code.optional(),
});

const fees = z.strictObject({
  monthlyFee: amount.optional(),
  atmFeeOwn: amount.optional(),
  atmFeeOther: amount.optional(),
  establishmentFee: amount.optional(),
  latePaymentFee: amount.optional(),
  earlyWithdrawalFee: amount.optional(),
});

const constraints = z.strictObject({
  minBalance: amount.optional(),
  maxBalance: amount.nullable().optional(),
  allowOverdraft: z.boolean().optional(),
  overdraftLimit: amount.optional(),
  minAmount: amount.optional(),
  maxAmount: amount.nullable().optional(),
  termMonthsDefault: months.optional(),
  termMonthsOptions: z.array(months).max(60).optional(),
});

const creditCriteria = z.strictObject({
  minIncome: amount.optional(),
  maxDtiRatio: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .meta({ description: 'Largest sum of loan principals over annual income.' }),
  minCreditScore: z.int().min(0).max(1_200).optional(),
});

/** Creates or updates a product. Open accounts keep the terms they were opened with. */
export const upsertProductPayload = z
  .strictObject({
    productCode,
    name: requiredText(),
    productType,
    category: code.optional(),
    status: z
      .enum(['ACTIVE', 'WITHDRAWN'])
      .optional()
      .meta({ description: 'A withdrawn product opens no new accounts. Default ACTIVE.' }),
    interest,
    fees: fees.optional(),
    constraints: constraints.optional(),
    features: z.array(code).max(64).optional(),
    creditCriteria: creditCriteria.optional(),
  })
  .meta({ id: 'UpsertProductPayload' });
