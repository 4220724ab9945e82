import { resolve } from 'node:path';
import { CliError, messageOf } from '../cli-error.ts';
import { findCloud } from '../cloud/cloud-file.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import { connectCloud } from '../cloud/running-cloud.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { PATHS } from '../project-paths.ts';
import { synthesize } from '../synth/synthesize.ts';
import { noCloudRuns } from '../token/issue-token.ts';
import { parseAuditResult, breachesOf } from './audit-result.ts';
import { auditLines } from './audit-text.ts';

/** Has AuditFunction check everything, and prints what it found. */
export async function runVerify(
  options: { tenantId?: string; dataDir?: string; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const payload = options.tenantId === undefined ? {} : { tenantId: options.tenantId };
  terminal.live('checking…');
  const audit = parseAuditResult(await invokeAudit(payload, options.dataDir, context));
  if (options.json) terminal.out(JSON.stringify(audit, undefined, 2));
  else if (audit.tenants.length > 0) for (const line of auditLines(audit, terminal.outStyle)) terminal.out(line);
  if (breachesOf(audit) > 0) return EXIT.breached;
  if (audit.tenants.length > 0) return EXIT.ok;
  throw new CliError('There is no tenant to check', { fix: 'turing demo makes one.' });
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
