import type { Command, CommandContext } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { drained, tolerateGoneReader } from './output-streams.ts';
import { reported, runCommand } from './run-command.ts';
import { createStopSignal } from './stop-signal.ts';
import { createTerminal } from './terminal.ts';

/** Does a process's whole work: runs `main` with its arguments, and ends the process with the exit code when all is written. */
export async function runProcess(
  main: (rawArgs: string[], context: CommandContext) => Promise<ExitCode>,
): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) tolerateGoneReader(stream, () => process.exit(EXIT.failed));
  const exitCode = await main(process.argv.slice(2), {
    terminal: createTerminal({ stdout: process.stdout, stderr: process.stderr, env: process.env }),
    env: process.env,
    now: Date.now,
    stop: createStopSignal(),
  });
  // A pipe takes 64 KB at once; `process.exit` would throw the rest away.
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  // Not left to the event loop: an idle keep-alive connection would hold the process for seconds.
  process.exit(exitCode);
}

/** Makes the process one command, for a program that has but one. */
export function runAlone(command: Command): Promise<never> {
  return runProcess((rawArgs, context) => reported(() => runCommand(command, rawArgs, context), context));
}
