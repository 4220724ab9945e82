import { usageError } from '../cli-error.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { tenantCode } from '../flag-values.ts';

export const verify = defineCommand({
  name: 'verify',
  description:
    'Checks an export or an account’s proof by itself, without a cloud; without a path, the five invariants over the whole journal and all views of the running cloud or of a data folder',
  args: {
    path: { type: 'positional', required: false, description: 'Folder of an export, or file of an account’s proof' },
    key: {
      type: 'string',
      description:
        'Public key (PEM) that is trusted for the path; may be given more than once (default: the one that comes with it)',
      valueHint: 'file',
    },
    kept: {
      type: 'string',
      description:
        'Digest that you kept, which has to be in the export: NUMBER:SHA256, or a file with that, its statement or the API’s answer; may be given more than once',
      valueHint: 'digest',
    },
    tenant: { type: 'string', description: 'Only this tenant (default: all)', valueHint: 'code' },
    data: {
      type: 'string',
      description: 'Folder of a store, at rest or of the running cloud (default: the running cloud’s)',
      valueHint: 'dir',
    },
    json: { type: 'boolean', description: 'Print the whole result as JSON' },
  },
  repeatable: ['key', 'kept'],
  examples: [
    {
      line: 'turing verify',
      what: 'the running cloud; exit code 5 for a breach, 1 when the views could not be compared',
    },
    {
      line: 'turing verify --data .turing/data --tenant CU_DIGITAL --json',
      what: 'one tenant of a store at rest, for a script',
    },
    {
      line: 'turing verify /tmp/export --key bank.pem --kept 12:9ab2…',
      what: 'an export, by a key and a digest that were had before; exit code 5 for a fault, 1 when it cannot be read',
    },
    { line: 'turing verify proof.json --key bank.pem', what: 'the proof of one account' },
  ],
  async run(args, context, valuesOf): Promise<ExitCode> {
    const [keyFiles, kept] = [valuesOf('key'), valuesOf('kept')];
    if (args.path !== undefined) {
      if (args.tenant !== undefined || args.data !== undefined)
        throw usageError('Give a path, or --tenant and --data, not both');
      return verifyEvidence({ path: args.path, keyFiles, kept, json: args.json === true }, context);
    }
    if (keyFiles.length > 0 || kept.length > 0) throw usageError('Give --key and --kept along with a path');
    const tenantId = args.tenant === undefined ? undefined : tenantCode('tenant', args.tenant);
    if (args.data !== undefined) {
      const { requireExistingFolder } = await import('../folders.ts');
      requireExistingFolder('data', args.data);
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

async function verifyEvidence(
  options: { path: string; keyFiles: string[]; kept: string[]; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { runVerifyEvidence } = await import('../evidence/run-verify-evidence.ts');
  return runVerifyEvidence(options, context);
}
