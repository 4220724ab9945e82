import type { ArgsDef } from 'citty';
import { parseArgs } from 'node:util';
import { messageOf, usageError } from './cli-error.ts';

/**
 * Refuses what citty lets pass: unknown flags, flags without their value, flags given twice, arguments that nobody reads.
 * @returns the values of each flag, in order
 * @throws CliError with exit code 2 that names the flag
 */
export function checkFlags(
  rawArgs: string[],
  definition: { args: ArgsDef; repeatable: readonly string[] },
): Map<string, string[]> {
  const options = Object.fromEntries(
    Object.entries(definition.args)
      .filter(([, { type }]) => type !== 'positional')
      .map(([name, { type }]) => {
        return [name, { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), multiple: true }];
      }),
  );
  const positionals = Object.values(definition.args).filter(({ type }) => type === 'positional').length;
  const values = new Map<string, string[]>();
  let given = 0;
  for (const token of parse(rawArgs, options, positionals > 0).tokens) {
    if (token.kind === 'positional') {
      given += 1;
      if (given > positionals) throw usageError(`Unknown argument "${token.value}"`);
      if (token.value === '') throw usageError('Give an argument that is not empty');
    }
    if (token.kind !== 'option') continue;
    const { name, value = 'true' } = token;
    const earlier = values.get(name) ?? [];
    if (earlier.length > 0 && !definition.repeatable.includes(name)) throw usageError(`Give --${name} only once`);
    if (value === '') throw usageError(`Give --${name} a value: it is empty`);
    values.set(name, [...earlier, value]);
  }
  return values;
}

function parse(
  rawArgs: string[],
  options: Record<string, { type: 'boolean' | 'string'; multiple: boolean }>,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ args: rawArgs, options, strict: true, allowPositionals, tokens: true });
  } catch (error) {
    // Node's messages are made for programmers; its codes do not name the flag.
    const message = messageOf(error);
    const unknown = /Unknown option '(--?[^'\s]+)'/.exec(message)?.[1];
    if (unknown !== undefined) throw usageError(`Unknown flag "${unknown}"`, suggestion(unknown, Object.keys(options)));
    const valueless = /Option '(?:-\w, )?--(\S+) <value>'/.exec(message)?.[1];
    if (valueless !== undefined) throw usageError(`Give --${valueless} a value`);
    const ambiguous = /Option '(?:-\w, )?--(\S+)(?: <value>)?' argument is ambiguous/.exec(message)?.[1];
    if (ambiguous !== undefined) {
      const next = rawArgs[rawArgs.indexOf(`--${ambiguous}`) + 1];
      throw usageError(`Give --${ambiguous} a value: "${next}" is a flag`);
    }
    const surplus = /Unexpected argument '([^']*)'/.exec(message)?.[1];
    if (surplus !== undefined) throw usageError(`Unknown argument "${surplus}"`);
    throw usageError(message);
  }
}

function suggestion(unknown: string, names: string[]): string | undefined {
  const given = unknown.replace(/^-+/, '').replace(/=.*/, '');
  const near = names.find((name) => distance(given, name) <= 2);
  return near === undefined ? undefined : `Did you mean --${near}?`;
}

/**
 * Ties negative numbers to the flag before them (`--members -3` → `--members=-3`), so that they are judged as its value
 * and not taken for flags.
 */
export function withNegativeNumbers(rawArgs: readonly string[]): string[] {
  return rawArgs.reduce<string[]>((tied, argument) => {
    const flag = tied.at(-1);
    const isValue = /^-\d/.test(argument) && flag !== undefined && /^--[^=]+$/.test(flag);
    return isValue ? [...tied.slice(0, -1), `${flag}=${argument}`] : [...tied, argument];
  }, []);
}

/** Levenshtein distance: how many letters differ. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
