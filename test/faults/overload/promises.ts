import type { OverloadResult } from './run-overload.ts';

/** The time within which single commands are as fast as before, from the moment at which the last excess request was sent. */
export const NORMAL_WITHIN_MS = 10_000;
/**
 * What a command that is under way may take in the local cloud: its text, read, decided, as events and as an item, some of it
 * twice, and what of that is not yet collected as garbage.
 */
const BYTES_PER_OPEN_COMMAND = 25_000;
/** The engine works off one request after the other: more load must not make it larger. */
const ENGINE_MOST_BYTES = 100e6;

/** @returns the most memory that each process may hold, in bytes: what it held before, and what the load may add */
export function boundsOf({
  before,
  openCommands,
}: Pick<OverloadResult, 'before' | 'openCommands'>): Record<string, number> {
  return {
    'local cloud': (before['local cloud'] ?? 0) + openCommands * BYTES_PER_OPEN_COMMAND,
    engine: ENGINE_MOST_BYTES,
  };
}

/** @returns whatever an overload may not do: all faults that were met, and each promise of the page on faults that does not hold */
export function faultsOf(result: OverloadResult): string[] {
  const { normalAfterMs, statuses, most, unsent } = result;
  const faults = [...result.faults];
  for (const [name, bound] of Object.entries(boundsOf(result))) {
    const bytes = most[name] ?? Infinity;
    if (bytes > bound) faults.push(`The ${name} held ${megabytes(bytes)}: ${megabytes(bound)} are its bound`);
  }
  if (normalAfterMs === undefined || normalAfterMs > NORMAL_WITHIN_MS) {
    const after = normalAfterMs === undefined ? 'not at all' : `${Math.round(normalAfterMs)} ms after the end`;
    faults.push(`Single commands were as fast as before ${after}: ${NORMAL_WITHIN_MS} ms are the limit`);
  }
  if (!result.isAnsweredAgain) faults.push('Single commands are still refused after the overload');
  if (!statuses.has(202)) faults.push('Nothing was accepted during the overload');
  if (unsent === 0 && !statuses.has(429) && !statuses.has(503))
    faults.push('Everything was accepted: that was no overload. Give more --times');
  return faults;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
