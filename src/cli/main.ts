import { CliError, messageOf, usageError } from './cli-error.ts';
import type { CommandContext } from './command.ts';
import { COMMANDS, isCommandName } from './commands/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * Runs `turing` with the given arguments and returns its exit code. Nothing is thrown: what goes wrong is printed to
 * stderr, with what to do about it.
 */
export async function main(rawArgs: string[], context: CommandContext): Promise<ExitCode> {
  try {
    return await dispatch(rawArgs, context);
  } catch (error) {
    const { terminal, env } = context;
    terminal.note(`${terminal.noteStyle.bad('error')}  ${messageOf(error)}`);
    if (!(error instanceof CliError)) {
      // Not foreseen: whoever reports it needs the stack.
      terminal.note(stackOf(error));
      return EXIT.failed;
    }
    if (error.fix !== undefined) terminal.note(`       ${error.fix}`);
    if (env['TURING_DEBUG'] !== undefined) terminal.note(stackOf(error));
    return error.exitCode;
  }
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
  const command = await COMMANDS[name].load();
  if (rest.some(isHelp)) {
    terminal.out(command.help());
    return EXIT.ok;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    const vague = error instanceof CliError && error.exitCode === EXIT.usage && error.fix === undefined;
    throw vague && !context.stop.aborted ? usageError(error.message, `Try turing ${name} --help.`) : error;
  }
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
    'turing <command> --help says more. Start with: turing demo',
    'Exit codes: 0 ok, 1 failed, 2 cancelled or used wrongly, 4 not authorised, 5 an invariant is breached, or evidence has a fault.',
  ].join('\n');
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
