import { defineCommand } from '../command.ts';

export const doctor = defineCommand({
  name: 'doctor',
  description: 'Checks what the local cloud needs on this machine, and says how to fix what is missing',
  args: { json: { type: 'boolean', description: 'Print the checks as JSON' } },
  examples: [{ line: 'turing doctor', what: 'exit code 1 when something is missing' }],
  async run(args, context) {
    const { runDoctor } = await import('../doctor/run-doctor.ts');
    return runDoctor({ json: args.json === true }, context);
  },
});
