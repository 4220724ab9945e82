import { resolve } from 'node:path';
import { defineCommand } from '../command.ts';

export const doctor = defineCommand({
  name: 'doctor',
  description: 'Checks what the local cloud needs on this machine, and its store; says how to fix what is missing',
  args: {
    data: { type: 'string', description: 'Folder of the store (default: .turing/data)', valueHint: 'dir' },
    json: { type: 'boolean', description: 'Print the checks as JSON' },
  },
  examples: [
    { line: 'turing doctor', what: 'exit code 1 when something is missing' },
    {
      line: 'turing doctor --data /tmp/trial',
      what: 'looks at another store; one that is being used may be looked at too',
    },
  ],
  async run(args, context) {
    const { runDoctor } = await import('../doctor/run-doctor.ts');
    const dataDir = args.data === undefined ? undefined : resolve(args.data);
    return runDoctor({ json: args.json === true, ...(dataDir !== undefined && { dataDir }) }, context);
  },
});
