import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { chainName, tenantCode } from '../flag-values.ts';

export const rebuildViews = defineCommand({
  name: 'rebuild-views',
  description:
    'Writes all rows of the views anew from the journal and deletes those that it does not call for, while commands keep arriving: in the running cloud, or in a data folder. A chain of which the journal has lost events is refused, exit code 5: its views are the evidence',
  args: {
    tenant: { type: 'string', description: 'Only this tenant (default: all)', valueHint: 'code' },
    data: {
      type: 'string',
      description: 'Folder of a store, at rest or of the running cloud (default: the running cloud’s)',
      valueHint: 'dir',
    },
    discard: {
      type: 'string',
      description: 'A chain of the tenant to rebuild although the journal has lost events of it; may be repeated',
      valueHint: 'chain',
    },
  },
  repeatable: ['discard'],
  examples: [
    {
      line: 'turing rebuild-views --tenant CU_DIGITAL',
      what: 'one tenant of the running cloud, which goes on answering',
    },
    { line: 'turing rebuild-views --data .turing/data', what: 'all tenants of a store at rest' },
    {
      line: 'turing rebuild-views --tenant CU_DIGITAL --discard 07',
      what: 'after a loss that cannot be made good: deletes what the views still know of it',
    },
    { line: 'turing audit', what: 'then says whether every row is as the journal has it' },
  ],
  async run(args, context, valuesOf) {
    const discard = valuesOf('discard').map((value) => chainName('discard', value));
    if (discard.length > 0 && args.tenant === undefined) throw usageError('Give --tenant the tenant of the chain');
    const tenantId = args.tenant === undefined ? undefined : tenantCode('tenant', args.tenant);
    if (args.data !== undefined) {
      const { requireStore } = await import('../folders.ts');
      requireStore('data', args.data);
    }
    const { runRebuild } = await import('../rebuild/run-rebuild.ts');
    return runRebuild(
      { ...(tenantId !== undefined && { tenantId, discard }), ...(args.data !== undefined && { dataDir: args.data }) },
      context,
    );
  },
});
