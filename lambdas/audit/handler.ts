import { Logger } from '@aws-lambda-powertools/logger';
import * as z from 'zod';
import { audit } from '../../src/audit/audit.ts';
import { createDynamoSource } from '../../src/audit/dynamodb-source.ts';
import type { AuditResult } from '../../src/audit/result.ts';
import { tenantCode } from '../../src/contract/primitives.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { requireEnvironment } from '../middleware/environment.ts';

const WAIT_MAX_MS = 60_000;
const input = z.strictObject({ tenantId: tenantCode.optional(), waitMs: z.int().min(0).max(WAIT_MAX_MS).optional() });

const { JOURNAL_TABLE, VIEWS_TABLE } = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE');
const source = createDynamoSource({
  client: createDynamoDb(),
  journalTable: JOURNAL_TABLE,
  viewsTable: VIEWS_TABLE,
});
const logger = new Logger();

/** Checks the five invariants over one tenant or all: `{ tenantId?, waitMs? }` gives an `AuditResult`. */
export async function handler(event: unknown): Promise<AuditResult> {
  const result = await audit({ source, ...input.parse(event ?? {}) });
  logger.info('Audited', { digest: result.digest, tenants: result.tenants.length, invariants: result.invariants });
  return result;
}
