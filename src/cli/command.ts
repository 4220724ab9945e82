import { type ArgsDef, type ParsedArgs, parseArgs, renderUsage } from 'citty';
import { stripVTControlCharacters } from 'node:util';
import type { ExitCode } from './exit-codes.ts';
import { checkFlags } from './flags.ts';
import type { Terminal } from './terminal.ts';

/** What the process gives to a command; tests give their own. */
export interface CommandContext {
  terminal: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  /** Current time in milliseconds since 1970. Never reaches anything that is hashed. */
  now: () => number;
  /** Aborted by Ctrl-C or a request to end. */
  stop: AbortSignal;
}

export interface CommandSpec<Args extends ArgsDef> {
  name: string;
  description: string;
  args: Args;
  /** Whole command lines, each with what it is for. */
  examples: readonly { line: string; what: string }[];
  /** Flags that may be given more than once. */
  repeatable?: readonly (keyof Args & string)[];
  /** @param valuesOf every value of a repeatable flag, in order */
  run: (
    args: ParsedArgs<Args>,
    context: CommandContext,
    valuesOf: (flag: keyof Args & string) => string[],
  ) => Promise<ExitCode>;
}

export interface Command {
  help(options: { color: boolean }): Promise<string>;
  run(rawArgs: string[], context: CommandContext): Promise<ExitCode>;
}

/** Makes a command from its flags and its work. What the work needs is imported when it runs, to keep the start short. */
export function defineCommand<const Args extends ArgsDef>(spec: CommandSpec<Args>): Command {
  return {
    async help({ color }) {
      const usage = await renderUsage(
        { meta: { name: spec.name, description: spec.description }, args: spec.args },
        { meta: { name: 'turing' } },
      );
      const examples = spec.examples.map(({ line, what }) => `  ${line}\n      ${what}`);
      const text = [usage.trimEnd(), '', 'EXAMPLES', '', ...examples].join('\n');
      return color ? text : stripVTControlCharacters(text);
    },
    async run(rawArgs, context) {
      const values = checkFlags(rawArgs, { args: spec.args, repeatable: spec.repeatable ?? [] });
      return spec.run(parseArgs<Args>(rawArgs, spec.args), context, (flag) => values.get(flag) ?? []);
    },
  };
}
