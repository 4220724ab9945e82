import { type CommandContext, defineCommand } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { tenantCode } from '../flag-values.ts';

/** What an audit looks at, the same for `turing audit` and `turing verify` without a path. */
export const auditArgs = {
  tenant: { type: 'string', description: 'Only this tenant (default: all)', valueHint: 'code' },
  data: {
    type: 'string',
    description: 'Folder of a store, at rest or of the running cloud (default: the running cloud’s)',
    valueHint: 'dir',
  },
  json: { type: 'boolean', description: 'Print the whole result as JSON' },
} as const;

export const audit = defineCommand({
  name: 'audit',
  description:
    'Recomputes everything from the journal, checks the five invariants and compares every row of the views: of the running cloud, or of a data folder',
  args: auditArgs,
  examples: [
    {
      line: 'turing audit',
      what: 'the running cloud; exit code 5 for a breach, 1 when the views could not be compared',
    },
    {
      line: 'turing audit --data .turing/data --tenant CU_DIGITAL --json',
      what: 'one tenant of a store at rest, for a script',
    },
  ],
  run: (args, context) => startAudit(args, context),
});

/** @throws CliError for a tenant or a folder that cannot be meant */
export async function startAudit(
  args: { tenant?: string | undefined; data?: string | undefined; json?: boolean | undefined },
  context: CommandContext,
): Promise<ExitCode> {
  const tenantId = args.tenant === undefined ? undefined : tenantCode('tenant', args.tenant);
  if (args.data !== undefined) {
    const { requireStore } = await import('../folders.ts');
    requireStore('data', args.data);
  }
  const { runAudit } = await import('../audit/run-audit.ts');
  return runAudit(
    {
      json: args.json === true,
      ...(tenantId !== undefined && { tenantId }),
      ...(args.data !== undefined && { dataDir: args.data }),
    },
    context,
  );
}
