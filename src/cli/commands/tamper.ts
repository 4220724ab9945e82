import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';

export const tamper = defineCommand({
  name: 'tamper',
  description:
    'Demonstrates on copies of an export what becomes of bytes that are changed, removed or cut off: each damage is done as skilfully as it can be, and both verifiers look for it',
  args: {
    export: { type: 'string', description: 'Folder of an export; it is left alone', valueHint: 'dir' },
    key: {
      type: 'string',
      description: 'Public key (PEM) that is trusted; may be given more than once (default: the export’s)',
      valueHint: 'file',
    },
    json: { type: 'boolean', description: 'Print the result as JSON, with every fault' },
  },
  repeatable: ['key'],
  examples: [
    {
      line: 'turing tamper --export /tmp/export',
      what: 'exit code 5 if a damage is not caught; verify.py takes part where python3 and openssl are there',
    },
  ],
  async run(args, context, valuesOf) {
    if (args.export === undefined) throw usageError('Give --export the folder of an export');
    const { runTamper } = await import('../evidence/run-tamper.ts');
    return runTamper({ folder: args.export, keyFiles: valuesOf('key'), json: args.json === true }, context);
  },
});
