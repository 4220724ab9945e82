import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { tenantCode } from '../flag-values.ts';
import { placeFlags, placeOf } from '../evidence/place-flags.ts';

export const exportCommand = defineCommand({
  name: 'export',
  description:
    'Exports a tenant’s whole history with its signed digests, to be verified by anybody, without us: see turing verify. One that is broken off leaves nothing at --out, and begins anew when asked again; if it was killed, a folder <out>.partial-… stays that can be deleted',
  args: {
    tenant: { type: 'string', description: 'Tenant whose history it is', valueHint: 'code' },
    out: { type: 'string', description: 'Folder for it: a new or an empty one', valueHint: 'dir' },
    ...placeFlags,
    json: { type: 'boolean', description: 'Print the result of its verification as JSON' },
  },
  examples: [
    {
      line: 'turing export --tenant CU_DIGITAL --out /tmp/export',
      what: 'from the running cloud, which signs a digest of all that is there first',
    },
    {
      line: 'TURING_TOKEN=… turing export --tenant CU_DIGITAL --out /tmp/export --api https://api.example.com/v1',
      what: 'from elsewhere, as far as its last digest goes; the token needs the rights queries and compliance',
    },
  ],
  async run(args, context) {
    if (args.tenant === undefined) throw usageError('Give --tenant the tenant whose history is exported');
    if (args.out === undefined) throw usageError('Give --out a folder for the export');
    const place = placeOf(tenantCode('tenant', args.tenant), args);
    const { runExport } = await import('../evidence/run-export.ts');
    return runExport({ place, out: args.out, json: args.json === true }, context);
  },
});
