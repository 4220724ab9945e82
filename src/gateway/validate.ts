import * as z from 'zod';
import { type CommandEnvelope, commandEnvelope, postEntryEnvelope } from '../contract/envelope.ts';
import { LIMITS } from '../contract/limits.ts';
import type { Fault } from './normalise.ts';

/**
 * The schema of entries with a generated function before it, which takes a fifth of the time. What that function does not
 * accept goes through the schema itself, so that faults read the same. The other commands come too seldom to be worth its
 * making when a process starts.
 */
const compiledEntry = z.compile(postEntryEnvelope);

/** Checks an envelope against its schema. @returns the envelope, or every fault with its path */
export function parseEnvelope(input: unknown): { envelope: CommandEnvelope } | { faults: Fault[] } {
  const result = (isEntry(input) ? compiledEntry : commandEnvelope).safeParse(input);
  return result.success ? { envelope: result.data } : { faults: faultsOf(result.error) };
}

function isEntry(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'commandType' in input && input.commandType === 'PostEntry';
}

/** Renders a schema's complaints with paths such as `payload.legs[0].amount`. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = pathOf(issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'Unknown field' }));
  });
}

/** The faults that a refusal names: the first ones, with paths of bounded length, and how many more there are. */
export function namedFaults(faults: readonly Fault[]): Fault[] {
  const named = faults.slice(0, LIMITS.faults).map(({ path, message }) => ({ path: shortened(path), message }));
  const more = faults.length - named.length;
  return more > 0 ? [...named, { path: '', message: `and ${more} more faults` }] : named;
}

function shortened(path: string): string {
  return path.length > LIMITS.faultPathLength ? `${path.slice(0, LIMITS.faultPathLength)}…` : path;
}

function pathOf(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    return path === '' ? String(segment) : `${path}.${String(segment)}`;
  }, '');
}
