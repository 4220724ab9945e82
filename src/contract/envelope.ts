import * as z from 'zod';
import { createCustomerPayload } from './commands/create-customer.ts';
import { createTenantPayload } from './commands/create-tenant.ts';
import { openAccountPayload } from './commands/open-account.ts';
import { postEntryPayload } from './commands/post-entry.ts';
import { upsertProductPayload } from './commands/upsert-product.ts';
import { LIMITS } from './limits.ts';
import { isoDateTime, requiredText, tenantCode } from './primitives.ts';

export const actor = z
  .strictObject({ actorType: z.enum(['SYSTEM', 'USER', 'SERVICE']), actorId: requiredText(128) })
  .meta({ id: 'Actor', description: 'Who issues the command; `actorId` must be the subject of the bearer token.' });

function envelopeOf<Type extends string, Payload extends z.ZodType>(commandType: Type, payload: Payload) {
  return z
    .strictObject({
      commandId: z
        .uuid()
        .meta({ description: 'Unique identifier of this command.', example: '7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f' }),
      tenantId: tenantCode,
      commandType: z.literal(commandType),
      actor,
      timestamp: isoDateTime.meta({
        description: 'When the command was issued, in the years 1900 to 2999. Part of the hashed history.',
      }),
      payload,
      idempotencyKey: requiredText(LIMITS.idempotencyKeyLength)
        .optional()
        .meta({ description: 'Key for safe retries; without it the commandId serves. Remembered per chain.' }),
    })
    .meta({ id: `${commandType}Command` });
}

/** The command that comes by far most often. */
export const postEntryEnvelope = envelopeOf('PostEntry', postEntryPayload);

/** The Turing Protocol envelope: one schema for each of the five commands. */
export const commandEnvelope = z
  .discriminatedUnion('commandType', [
    envelopeOf('CreateTenant', createTenantPayload),
    envelopeOf('UpsertProduct', upsertProductPayload),
    envelopeOf('CreateCustomer', createCustomerPayload),
    envelopeOf('OpenAccount', openAccountPayload),
    postEntryEnvelope,
  ])
  .meta({ id: 'CommandEnvelope' });
export type CommandEnvelope = z.infer<typeof commandEnvelope>;
export type CommandType = CommandEnvelope['commandType'];
export type CommandOf<Type extends CommandType> = Extract<CommandEnvelope, { commandType: Type }>;

export const COMMAND_TYPES = [
  'CreateTenant',
  'UpsertProduct',
  'CreateCustomer',
  'OpenAccount',
  'PostEntry',
] as const satisfies readonly CommandType[];

/** Legs of an envelope that nobody has checked yet. */
function legsOf(command: unknown): number {
  const legs = (command as { payload?: { legs?: { length?: unknown } | null } | null } | null)?.payload?.legs?.length;
  return typeof legs === 'number' ? legs : 0;
}

/** A batch holds envelopes unchecked: each is validated and answered for itself. */
export const commandBatch = z
  .strictObject({
    commands: z
      .array(z.unknown())
      .min(1)
      .max(LIMITS.batchCommands)
      .refine((commands) => commands.reduce<number>((sum, each) => sum + legsOf(each), 0) <= LIMITS.batchLegs, {
        error: `Expected at most ${LIMITS.batchLegs} legs in all entries of a batch together`,
      }),
  })
  .meta({ id: 'CommandBatch', description: 'Up to 1,000 envelopes, each decided for itself, in order.' });
