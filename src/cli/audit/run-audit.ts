import { CliError } from '../cli-error.ts';
import { withOwner } from '../cloud/with-owner.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { auditBy } from './audit-machine.ts';
import { type AuditResult, breachesOf, notComparedOf } from './audit-result.ts';
import { auditLines } from './audit-text.ts';

/** Has the audit's state machine check everything, and prints what it found. */
export async function runAudit(
  options: { tenantId?: string; dataDir?: string; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const input = options.tenantId === undefined ? {} : { tenantId: options.tenantId };
  terminal.live('checking…');
  const audit = await withOwner(options, context, (owner) => auditBy(owner, input));
  return tellAudit(audit, options, terminal);
}

/**
 * Prints what an audit found.
 * @throws CliError with exit code 1 when it could not look at everything: then nothing is proved
 */
export function tellAudit(audit: AuditResult, { json }: { json: boolean }, terminal: Terminal): ExitCode {
  if (json) terminal.out(JSON.stringify(audit, undefined, 2));
  else if (audit.tenants.length > 0) for (const line of auditLines(audit, terminal.outStyle)) terminal.out(line);
  if (breachesOf(audit) > 0) return EXIT.breached;
  if (audit.tenants.length === 0) throw new CliError('There is no tenant to check', { fix: 'turing demo makes one.' });
  const notCompared = notComparedOf(audit);
  if (notCompared.length === 0) return EXIT.ok;
  throw new CliError(`Cannot tell whether all hold: the views of ${notCompared.join(', ')} were not compared`, {
    fix: 'Run turing audit again when the ledger is quieter.',
  });
}
