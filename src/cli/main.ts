import { usageError } from './cli-error.ts';
import type { CommandContext } from './command.ts';
import { COMMANDS, isCommandName } from './commands/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { isHelp, reported, runCommand } from './run-command.ts';

/**
 * Runs `turing` with the given arguments and returns its exit code. Nothing is thrown: what goes wrong is printed to
 * stderr, with what to do about it.
 */
export function main(rawArgs: string[], context: CommandContext): Promise<ExitCode> {
  return reported(() => dispatch(rawArgs, context), context);
}

async function dispatch(rawArgs: string[], context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const [name, ...rest] = rawArgs;
  if (name === undefined) {
    terminal.note(rootHelp());
    return EXIT.usage;
  }
  if (name === 'help' || isHelp(name)) {
    terminal.out(rootHelp());
    return EXIT.ok;
  }
  if (!isCommandName(name)) {
    throw usageError(`Unknown command "${name}"`, `Commands: ${Object.keys(COMMANDS).join(', ')}. Try turing --help.`);
  }
  return runCommand(await COMMANDS[name].load(), rest, context);
}

function rootHelp(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return [
    'turing: a bank ledger that anyone can verify, and its digital twin, on this machine',
    '',
    'USAGE turing <command> [flags]',
    '',
    ...Object.entries(COMMANDS).map(([name, { description }]) => `  ${name.padEnd(width)}  ${description}`),
    '',
    'turing <command> --help says more. In the project’s folder it is called npx turing. Start with: npx turing demo',
    'Exit codes: 0 ok, 1 failed, 2 cancelled or used wrongly, 4 not authorised, 5 an invariant is breached, or evidence has a fault.',
  ].join('\n');
}
