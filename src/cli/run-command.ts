import { CliError, messageOf, usageError } from './cli-error.ts';
import type { Command, CommandContext } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Runs one command with its arguments; `--help` among them prints its help instead. @throws what goes wrong */
export async function runCommand(command: Command, rawArgs: string[], context: CommandContext): Promise<ExitCode> {
  if (rawArgs.some(isHelp)) {
    context.terminal.out(command.help());
    return EXIT.ok;
  }
  try {
    return await command.run(rawArgs, context);
  } catch (error) {
    const vague = error instanceof CliError && error.exitCode === EXIT.usage && error.fix === undefined;
    throw vague && !context.stop.aborted ? usageError(error.message, `Try ${command.line} --help.`) : error;
  }
}

/** Waits for a command's exit code. What goes wrong is printed to stderr, with what to do about it, and never thrown. */
export async function reported(running: () => Promise<ExitCode>, context: CommandContext): Promise<ExitCode> {
  try {
    return await running();
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

export function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
