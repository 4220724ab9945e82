import { usageError } from '../cli-error.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { auditArgs, startAudit } from './audit.ts';

export const verify = defineCommand({
  name: 'verify',
  description:
    'Checks an export or an account’s proof by itself, without a cloud; without a path it does what turing audit does',
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
    ...auditArgs,
  },
  repeatable: ['key', 'kept'],
  examples: [
    {
      line: 'turing verify /tmp/export --key bank.pem --kept 12:9ab2…',
      what: 'an export, by a key and a digest that were had before; exit code 5 for a fault, 1 when it cannot be read',
    },
    { line: 'turing verify proof.json --key bank.pem', what: 'the proof of one account' },
    { line: 'turing verify', what: 'the same as turing audit' },
  ],
  async run(args, context, valuesOf): Promise<ExitCode> {
    const [keyFiles, kept] = [valuesOf('key'), valuesOf('kept')];
    if (args.path !== undefined) {
      if (args.tenant !== undefined || args.data !== undefined)
        throw usageError('Give a path, or --tenant and --data, not both');
      return verifyEvidence({ path: args.path, keyFiles, kept, json: args.json === true }, context);
    }
    if (keyFiles.length > 0 || kept.length > 0) throw usageError('Give --key and --kept along with a path');
    return startAudit(args, context);
  },
});

async function verifyEvidence(
  options: { path: string; keyFiles: string[]; kept: string[]; json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { runVerifyEvidence } = await import('../evidence/run-verify-evidence.ts');
  return runVerifyEvidence(options, context);
}
