import * as z from 'zod';
import type { Terminal } from '../terminal.ts';

const place = z.object({ tenantId: z.string(), chain: z.string(), seq: z.number(), reason: z.string() });
/** What functions log of a breach: one, or all that an audit has found of an invariant. */
const breach = z.union([
  place.extend({ message: z.literal('Invariant breached'), invariant: z.string() }),
  z.object({ message: z.literal('Invariant breached'), invariant: z.string(), evidence: z.array(place) }),
]);
/** What DigestFunction logs where it could not make one. */
const failure = z.object({
  message: z.literal('Cannot make a digest'),
  tenantId: z.string(),
  error: z.object({ message: z.string() }),
});

/** A store that is damaged all over would fill the terminal. */
const TOLD_MAX = 20;

/**
 * Gives a function that takes the log's lines and tells on the terminal what of them cannot wait until somebody reads the log: each
 * breach of an invariant, and each tenant whose digest cannot be made, in one line, once. The functions find the same anew every
 * five minutes.
 * @param logPath where all of it is written down
 */
export function createBreachTeller(
  terminal: Pick<Terminal, 'note' | 'noteStyle'>,
  logPath: string,
): (line: string) => void {
  const known = new Set<string>();
  const styled = terminal.noteStyle.bad;
  const where = `More in ${logPath}; docs/operating/runbook.md says what to do`;
  return (line) => {
    for (const { key, text } of found(line, styled)) {
      if (known.size > TOLD_MAX || known.has(key)) continue;
      known.add(key);
      const said = known.size > TOLD_MAX ? `${styled('breach')}  There are more, which are not told here` : text;
      terminal.note(`${said}. ${where}`);
    }
  };
}

/** @returns what a line tells, each with what makes it the same as one before */
function found(line: string, styled: (text: string) => string): { key: string; text: string }[] {
  // `DigestFunction: {"level":"ERROR",…`: most lines are others.
  if (!line.includes('"Invariant breached"') && !line.includes('"Cannot make a digest"')) return [];
  const said = parsed(line.slice(line.indexOf('{')));
  const failed = failure.safeParse(said).data;
  if (failed) {
    const { message } = failed.error;
    // Somebody asked for one of a tenant that never was.
    if (message.endsWith('there is no such tenant')) return [];
    return [{ key: message, text: `${styled('not signed')}  ${failed.tenantId}: ${message}` }];
  }
  const breached = breach.safeParse(said).data;
  if (!breached) return [];
  const { invariant } = breached;
  const places = 'chain' in breached ? [breached] : breached.evidence;
  return places.map(({ tenantId, chain, seq, reason }) => ({
    // Not the reason: it may hold figures of the moment.
    key: `${invariant} ${tenantId} ${chain} ${seq}`,
    text: `${styled('breach')}  ${invariant} of ${tenantId}, chain ${chain} seq ${seq}: ${reason}`,
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
