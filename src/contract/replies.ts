import * as z from 'zod';
import { FAULTS, VIOLATIONS, VIOLATION_CODES } from './refusals.ts';

/** Answers of the API. HTTP status codes are set where they are rendered, in the middleware. */
const codeOf = <Code extends string>(table: Record<Code, unknown>) => Object.keys(table) as [Code, ...Code[]]; // keys of a const object

export const eventReference = z
  .strictObject({ eventId: z.uuid(), eventType: z.string(), chain: z.string(), seq: z.int() })
  .meta({ id: 'EventReference' });

export const commandAccepted = z
  .strictObject({
    commandId: z.uuid(),
    status: z.literal('ACCEPTED'),
    correlationId: z.string().meta({ description: 'Id of the first event of the command.' }),
    acceptedAt: z.iso.datetime().meta({ description: 'When the commit that holds the command was made.' }),
    entityId: z
      .string()
      .meta({ description: 'Tenant code, product code, customer, account or entry id: what the command made.' }),
    events: z.array(eventReference),
    dryRun: z.literal(true).optional().meta({ description: 'Present where nothing was written.' }),
  })
  .meta({ id: 'CommandAccepted' });
export type CommandAccepted = z.infer<typeof commandAccepted>;

export const invariantViolation = z
  .strictObject({
    commandId: z.string(),
    error: z.enum(VIOLATION_CODES).meta({ description: 'Stable code of the refusal.' }),
    invariant: z.enum([...new Set(Object.values(VIOLATIONS).map((violation) => violation.invariant))]),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'InvariantViolation' });
export type InvariantViolation = z.infer<typeof invariantViolation>;

export const errorReply = z
  .strictObject({
    error: z.enum(codeOf(FAULTS)).optional().meta({ description: 'Stable code of the refusal.' }),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' });

export const commandBatchResult = z
  .strictObject({
    results: z.array(
      z.strictObject({
        status: z.int().meta({ description: 'The status code the command would have had alone.' }),
        body: z.union([commandAccepted, invariantViolation, errorReply]),
      }),
    ),
  })
  .meta({ id: 'CommandBatchResult', description: 'One result a command, in order.' });
