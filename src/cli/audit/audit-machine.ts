import type { Cloud } from '../../local/index.ts';
import { executeIn } from '../cloud/execution.ts';
import type { Owner } from '../cloud/with-owner.ts';
import { type AuditResult, parseAuditResult } from './audit-result.ts';

/** Logical id of the state machine that audits. */
const AUDIT_MACHINE = 'Audit';

/** Absent: all tenants. */
interface AuditInput {
  tenantId?: string;
}

/** Has the state machine check everything. @throws CliError when it does not come to its end: then nothing is proved */
export async function auditBy({ execute }: Pick<Owner, 'execute'>, input: AuditInput): Promise<AuditResult> {
  return parseAuditResult(await execute(AUDIT_MACHINE, input));
}

/** The same of a cloud in this process. */
export function auditIn(
  cloud: Pick<Cloud, 'startExecution'>,
  input: AuditInput,
  stop: AbortSignal = new AbortController().signal,
): Promise<AuditResult> {
  return auditBy({ execute: (machineId, given) => executeIn(cloud, { machineId, input: given, stop }) }, input);
}
