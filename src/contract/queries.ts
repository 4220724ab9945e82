import * as z from 'zod';
import { INVARIANTS } from './invariants.ts';
import { LIMITS } from './limits.ts';
import { accountId, entityId, isoDate, tenantCode } from './primitives.ts';

/** Path and query parameters, and what the queries answer. Amounts are decimal numbers. */
export const tenantPath = z.strictObject({ tenantId: tenantCode });
export const customerPath = tenantPath.extend({ customerId: entityId });
export const accountPath = tenantPath.extend({ accountId });
export const entryPath = tenantPath.extend({ entryId: entityId });
export const chainPath = tenantPath.extend({
  chain: z
    .string()
    .regex(/^(?:\d\d|catalog)$/, { error: 'Expected a chain such as "07", or "catalog"' })
    .meta({ description: '`00` … or `catalog`.', example: '07' }),
});
export const digestPath = tenantPath.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,7}$/, { error: 'Expected a number from 1 to 99999999' })
    .transform(Number)
    .meta({
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
        delete jsonSchema['pattern'];
        Object.assign(jsonSchema, { type: 'integer', minimum: 1, maximum: 99_999_999 });
      },
    }),
});

// Query strings carry text; only plain digits are numbers here ('1e3', ' 5' and '' are not).
const count = (options: { least: number; most: number; otherwise: number }) =>
  z
    .string()
    .regex(/^\d{1,16}$/, { error: 'Expected a whole number' })
    .transform(Number)
    .pipe(z.int().min(options.least).max(options.most))
    .default(options.otherwise)
    .meta({
      // The published schema speaks of the number, not of its text.
      override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
        delete jsonSchema['pattern'];
        Object.assign(jsonSchema, {
          type: 'integer',
          minimum: options.least,
          maximum: options.most,
          default: options.otherwise,
        });
      },
    });

const limit = (otherwise: number) => count({ least: 1, most: LIMITS.pageRows, otherwise });
const offset = count({ least: 0, most: Number.MAX_SAFE_INTEGER, otherwise: 0 });

export const pageQuery = z.strictObject({ limit: limit(50), offset });
export const accountsQuery = pageQuery.extend({ customerId: entityId.optional() });
export const eventsQuery = z.strictObject({ limit: limit(100), offset });
export const linesQuery = z.strictObject({
  afterSeq: offset.meta({ description: 'Only events after this one.' }),
  limit: count({ least: 1, most: LIMITS.chainLines, otherwise: LIMITS.chainLines }),
});
export const balanceQuery = z.strictObject({
  asOf: isoDate.optional().meta({ description: 'End of this day by value date; without it the balance now.' }),
});
export const commandQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).optional().meta({ description: 'Decides and answers, writes nothing.' }),
});

const page = { total: z.int(), limit: z.int(), offset: z.int() };

export const customerSummary = z
  .strictObject({
    customerId: z.string(),
    externalRef: z.string().optional(),
    fullName: z.string(),
    email: z.string(),
    segment: z.string().optional(),
    kycStatus: z.string().optional(),
    createdAt: z.string(),
  })
  .meta({ id: 'CustomerSummary' });
export type CustomerSummary = z.infer<typeof customerSummary>;
export const customerList = z
  .strictObject({ customers: z.array(customerSummary), ...page })
  .meta({ id: 'CustomerList' });

export const customerDetail = customerSummary
  .extend({
    dateOfBirth: z.string(),
    mobile: z.string(),
    address: z.record(z.string(), z.unknown()).optional(),
    employment: z.record(z.string(), z.unknown()).optional(),
    riskProfile: z.record(z.string(), z.unknown()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    accountIds: z.array(z.string()),
  })
  .meta({ id: 'CustomerDetail' });

export const accountSummary = z
  .strictObject({
    accountId: z.string(),
    customerId: z.string(),
    productCode: z.string(),
    accountAlias: z.string().optional(),
    balance: z.number(),
    currency: z.string(),
    status: z.enum(['ACTIVE', 'CLOSED']),
    openedAt: z.string(),
  })
  .meta({ id: 'AccountSummary' });
export type AccountSummary = z.infer<typeof accountSummary>;
export const accountList = z.strictObject({ accounts: z.array(accountSummary), ...page }).meta({ id: 'AccountList' });

export const accountDetail = accountSummary
  .extend({
    productType: z.string(),
    accountPurpose: z.string().optional(),
    minimumBalance: z.number().meta({ description: 'Least balance allowed; negative for an overdraft or a loan.' }),
    maximumBalance: z.number().nullable(),
    maturesOn: z.string().optional(),
    loan: z.strictObject({ principal: z.number(), termMonths: z.int(), rate: z.number() }).optional(),
    eventCount: z.int(),
  })
  .meta({ id: 'AccountDetail' });

export const accountBalance = z
  .strictObject({ accountId: z.string(), currency: z.string(), asOf: z.string().optional(), balance: z.number() })
  .meta({ id: 'AccountBalance' });

export const eventEnvelope = z
  .strictObject({
    eventId: z.uuid(),
    eventType: z.string(),
    tenantId: z.string(),
    entityId: z.string(),
    payload: z
      .record(z.string(), z.unknown())
      .meta({ description: 'As hashed: money in minor units, fields ending in Minor.' }),
    occurredAt: z.string(),
    causationId: z.string().meta({ description: 'Command that caused this event.' }),
    chain: z.string(),
    seq: z.int(),
    hash: z.string(),
    prevHash: z.string(),
  })
  .meta({ id: 'EventEnvelope' });
export type EventEnvelope = z.infer<typeof eventEnvelope>;
export const eventList = z.strictObject({ events: z.array(eventEnvelope), ...page }).meta({ id: 'EventList' });

export const productView = z
  .strictObject({
    productCode: z.string(),
    name: z.string(),
    productType: z.string(),
    category: z.string().optional(),
    status: z.string(),
    version: z.int(),
    interest: z.record(z.string(), z.unknown()),
    fees: z.record(z.string(), z.unknown()).optional(),
    constraints: z.record(z.string(), z.unknown()).optional(),
    features: z.array(z.string()).optional(),
    creditCriteria: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Product', description: 'A product with its amounts in the major unit, as in UpsertProduct.' });
export type ProductView = z.infer<typeof productView>;
export const productList = z.strictObject({ products: z.array(productView), ...page }).meta({ id: 'ProductList' });

export const entryView = z
  .strictObject({
    entryId: z.string(),
    bookingDate: z.string(),
    valueDate: z.string(),
    currency: z.string(),
    legs: z.array(
      z.strictObject({ accountId: z.string(), direction: z.enum(['DEBIT', 'CREDIT']), amount: z.number() }),
    ),
    narrative: z.string().optional(),
    tags: z.record(z.string(), z.string()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    commandId: z.string(),
    eventId: z.uuid(),
    chain: z.string(),
    seq: z.int(),
    postedAt: z.string().meta({ description: 'Commit time.' }),
  })
  .meta({ id: 'Entry' });

export const trialBalance = z
  .strictObject({
    currency: z.string(),
    lines: z.array(
      z.strictObject({
        account: z
          .string()
          .meta({ description: 'A GL account, or `PRODUCT:<code>`: the sum of the member accounts of a product.' }),
        debits: z.number(),
        credits: z.number(),
        balance: z.number(),
      }),
    ),
    debits: z.number(),
    credits: z.number(),
    balance: z.number().meta({ description: 'Always 0 once the views have caught up with all chains.' }),
  })
  .meta({ id: 'TrialBalance' });

export const invariantReport = z
  .strictObject({
    invariants: z.array(
      z.strictObject({
        invariant: z.enum(INVARIANTS),
        holds: z.boolean().meta({ description: 'Nothing was found so far that breaches it.' }),
        checked: z.int().meta({ description: 'Events that were looked at for it.' }),
        breached: z.int(),
        lastBreach: z
          .strictObject({
            chain: z.string(),
            seq: z.int(),
            at: z.string().meta({
              description: 'When the commit was written; of a changed, unreadable or unsigned one, when that was seen.',
            }),
            reason: z.string(),
            evidence: z
              .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
              .meta({ description: 'Ids and amounts; money in minor units, fields ending in Minor.' }),
          })
          .nullable(),
      }),
    ),
    chains: z.array(
      z.strictObject({
        chain: z.string(),
        headSeq: z.int(),
        checkedSeq: z.int().meta({ description: 'Last event that was looked at.' }),
        countedAfterSeq: z.int().meta({ description: 'Events up to this one are not in the counts; mostly 0.' }),
      }),
    ),
    trialBalance: z.strictObject({
      currency: z.string(),
      balance: z.number(),
      state: z.enum(['ZERO', 'NOT_ZERO', 'MOVING']).meta({
        description: '`MOVING`: chains were looked at to different moments, so the sum says nothing yet.',
      }),
    }),
    lastDigest: z.strictObject({ number: z.int(), at: z.string() }).nullable(),
  })
  .meta({ id: 'InvariantReport' });

export const chainList = z
  .strictObject({
    chains: z.array(
      z.strictObject({
        chain: z.string(),
        headSeq: z.int(),
        headHash: z.string(),
        projectedSeq: z.int().meta({ description: 'Last event that the views hold.' }),
      }),
    ),
  })
  .meta({ id: 'ChainList' });

export const chainLines = z
  .strictObject({
    chain: z.string(),
    lines: z.array(z.string()).meta({
      description:
        'The exact texts that were hashed, in order, the first that of `afterSeq` + 1. Fewer than `limit` where they would be too many bytes.',
    }),
    head: z
      .strictObject({ seq: z.int(), hash: z.string() })
      .meta({ description: 'Newest event of the chain; seq 0 and the first hash of an empty one.' }),
    nextAfterSeq: z
      .int()
      .nullable()
      .meta({ description: 'What to ask for next; null where the lines reach the head.' }),
  })
  .meta({ id: 'ChainLines' });

export const digestSummary = z
  .strictObject({
    number: z.int().meta({ description: 'From 1, without gaps.' }),
    at: z.string().meta({ description: 'When it was made, by the signer’s clock.' }),
    sha256: z.string().meta({ description: 'SHA-256 of the statement: keep it, and no other history can be shown.' }),
    key: z.string().meta({ description: 'Id of the key that signed it.' }),
  })
  .meta({ id: 'DigestSummary' });
export type DigestSummary = z.infer<typeof digestSummary>;
export const digestList = z.strictObject({ digests: z.array(digestSummary), ...page }).meta({ id: 'DigestList' });

export const digestDetail = digestSummary
  .extend({
    statement: z.string().meta({ description: 'The exact text whose UTF-8 bytes are signed.' }),
    signature: z.string().meta({ description: 'ECDSA on P-256 with SHA-256, DER, in base64.' }),
    publicKey: z.string().meta({ description: 'The key’s public half, PEM. Take it from elsewhere to trust it.' }),
    heads: z.array(z.string()).meta({ description: 'Leaves of the tree over the heads of all chains.' }),
    periods: z.array(z.string()).meta({ description: 'Leaves of the tree over what is new since the digest before.' }),
  })
  .meta({ id: 'DigestDetail' });
