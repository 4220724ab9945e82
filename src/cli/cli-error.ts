import { EXIT, type ExitCode } from './exit-codes.ts';

/** A failure whose message is written for the person at the terminal: no stack is printed. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it, printed on its own line. */
  readonly fix: string | undefined;

  constructor(message: string, options: { exitCode?: ExitCode; fix?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.fix = options.fix;
  }
}

/** The command line makes no sense: exit code 2. */
export function usageError(message: string, fix?: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, ...(fix !== undefined && { fix }) });
}

/** The user stopped it: exit code 2. */
export function cancelled(): CliError {
  return new CliError('Cancelled', { exitCode: EXIT.usage });
}

/** @returns the code of a Node error, such as `ENOENT` */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * @param given the file or folder, as the user named it
 * @returns an error in words where the file system did not let something be written there; else what was thrown
 */
export function notWritten(given: string, cause: unknown): unknown {
  const code = codeOf(cause);
  if (cause instanceof CliError || code === undefined) return cause;
  if (code !== 'ENOSPC') return new CliError(`Cannot write "${given}": ${messageOf(cause)}`, { cause });
  const fix = 'Free space on it, or choose another place.';
  return new CliError(`Cannot write "${given}": its disk is full`, { fix, cause });
}

/** @returns the message of anything that was thrown */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
