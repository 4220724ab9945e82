import { resolve } from 'node:path';
import { CliError, messageOf } from '../cli-error.ts';
import { findCloud } from '../cloud/cloud-file.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import { connectCloud } from '../cloud/running-cloud.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { PATHS } from '../project-paths.ts';
import { synthesize } from '../synth/synthesize.ts';
import type { Terminal } from '../terminal.ts';
import { noCloudRuns } from '../token/issue-token.ts';
import { type AuditResult, breachesOf, notComparedOf, parseAuditResult } from './audit-result.ts';
import { auditLines } from './audit-text.ts';

/** Has AuditFunction check everything, and prints what it found. */
export async function runAudit(
  options: { tenantId?: string; dataDir?: string; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const payload = options.tenantId === undefined ? {} : { tenantId: options.tenantId };
  terminal.live('checking…');
  const audit = parseAuditResult(await invokeAudit(payload, options.dataDir, context));
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

async function invokeAudit(payload: object, dataDir: string | undefined, context: CommandContext): Promise<unknown> {
  const running = findCloud(PATHS.cloudFile);
  if (dataDir === undefined || (running?.dataDir !== undefined && resolve(dataDir) === running.dataDir)) {
    if (running === undefined) throw noCloudRuns();
    return connectCloud(running).invoke('AuditFunction', payload);
  }
  const { now, stop } = context;
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now, stop });
  const cloud = await openCloud({ assemblyDir, dataDir: resolve(dataDir), port: 0, stop, log: () => undefined });
  try {
    return await cloud.invoke('AuditFunction', payload);
  } catch (cause) {
    throw new CliError(messageOf(cause), { cause });
  } finally {
    await cloud.stop();
  }
}
