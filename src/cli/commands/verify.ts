import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { tenantCode } from '../flag-values.ts';

export const verify = defineCommand({
  name: 'verify',
  description:
    'Checks the five invariants over the whole journal and all views: of the running cloud, or of a data folder',
  args: {
    tenant: { type: 'string', description: 'Only this tenant (default: all)', valueHint: 'code' },
    data: {
      type: 'string',
      description: 'Folder of a store, at rest or of the running cloud (default: the running cloud’s)',
      valueHint: 'dir',
    },
    json: { type: 'boolean', description: 'Print the whole result as JSON' },
  },
  examples: [
    {
      line: 'turing verify',
      what: 'the running cloud; exit code 5 for a breach, 1 when the views could not be compared',
    },
    {
      line: 'turing verify --data .turing/data --tenant CU_DIGITAL --json',
      what: 'one tenant of a store at rest, for a script',
    },
  ],
  async run(args, context) {
    const tenantId = args.tenant === undefined ? undefined : tenantCode('tenant', args.tenant);
    if (args.data !== undefined) {
      const { existsSync } = await import('node:fs');
      if (!existsSync(args.data)) throw usageError(`Give --data a folder that exists: there is no "${args.data}"`);
      const { requireFolder } = await import('../folders.ts');
      requireFolder('data', args.data);
    }
    const { runVerify } = await import('../audit/run-verify.ts');
    return runVerify(
      {
        json: args.json === true,
        ...(tenantId !== undefined && { tenantId }),
        ...(args.data !== undefined && { dataDir: args.data }),
      },
      context,
    );
  },
});
