import { type ArgsDef, type ParsedArgs, parseArgs } from 'citty';
import type { ExitCode } from './exit-codes.ts';
import { checkFlags, withNegativeNumbers } from './flags.ts';
import type { Terminal } from './terminal.ts';
import { table } from './text/table.ts';

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
  /** What stands before the flags, where that is not `turing <name>`: `npm run <name> --`. */
  line?: string;
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
  /** What stands before the flags: `turing demo`. */
  line: string;
  help(): string;
  run(rawArgs: string[], context: CommandContext): Promise<ExitCode>;
}

/** Makes a command from its flags and its work. What the work needs is imported when it runs, to keep the start short. */
export function defineCommand<const Args extends ArgsDef>(spec: CommandSpec<Args>): Command {
  const { line = `turing ${spec.name}` } = spec;
  return {
    line,
    help: () => helpOf({ ...spec, line }),
    async run(given, context) {
      const rawArgs = withNegativeNumbers(given);
      const values = checkFlags(rawArgs, { args: spec.args, repeatable: spec.repeatable ?? [] });
      return spec.run(parseArgs<Args>(rawArgs, spec.args), context, (flag) => values.get(flag) ?? []);
    },
  };
}

function helpOf({
  line: begin,
  description,
  args,
  examples,
}: Required<Pick<CommandSpec<ArgsDef>, 'line' | 'description' | 'args' | 'examples'>>): string {
  const all = Object.entries(args);
  const positionals = all.filter(([, { type }]) => type === 'positional');
  const named = all.filter(([, { type }]) => type !== 'positional');
  const flags = named.map(([flag, { type, valueHint, description: what = '', default: preset }]) => {
    const value = type === 'boolean' ? '' : ` <${valueHint ?? 'value'}>`;
    return [`--${flag}${value}`, preset === undefined ? what : `${what} (default: ${String(preset)})`];
  });
  return [
    description,
    '',
    `USAGE ${begin}${positionals.map(([each]) => ` [${each}]`).join('')}${flags.length > 0 ? ' [flags]' : ''}`,
    '',
    ...table(
      [{ title: '' }, { title: '' }],
      [...positionals.map(([each, { description: what = '' }]) => [each, what]), ...flags, ['--help', 'This text']],
    ),
    '',
    'EXAMPLES',
    '',
    ...examples.flatMap(({ line, what }) => [`  ${line}`, `      ${what}`]),
  ].join('\n');
}
