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

/** Of each sort: a store that is damaged all over would fill the terminal. */
const TOLD_MAX = 20;

/** Words of an error's text by which it is known again: what follows may hold figures of the moment, and names that change. */
const WORDS_OF_AN_ERROR = 4;

/** One thing to tell. */
interface Found {
  sort: 'breach' | 'not signed';
  /** What makes it the same as one before of its sort. */
  key: string;
  text: string;
}

/**
 * Gives a function that takes the log's lines and tells on the terminal what of them cannot wait until somebody reads the log: each
 * breach of an invariant, and each tenant whose digest cannot be made, in one line, once. The functions find the same anew every
 * five minutes. However many tenants have no digest, a breach is told all the same.
 * @param logPath where all of it is written down
 */
export function createBreachTeller(
  terminal: Pick<Terminal, 'note' | 'noteStyle'>,
  logPath: string,
): (line: string) => void {
  const known: Record<Found['sort'], Set<string>> = { breach: new Set(), 'not signed': new Set() };
  const where = `More in ${logPath}; docs/operating/runbook.md says what to do`;
  return (line) => {
    for (const { sort, key, text } of found(line)) {
      const told = known[sort];
      if (told.size > TOLD_MAX || told.has(key)) continue;
      told.add(key);
      const said = told.size > TOLD_MAX ? 'There are more, which are not told here' : text;
      terminal.note(`${terminal.noteStyle.bad(sort)}  ${said}. ${where}`);
    }
  };
}

function found(line: string): Found[] {
  // `DigestFunction: {"level":"ERROR",…`: most lines are others.
  if (!line.includes('"Invariant breached"') && !line.includes('"Cannot make a digest"')) return [];
  const said = parsed(line.slice(line.indexOf('{')));
  const failed = failure.safeParse(said).data;
  if (failed) {
    const { tenantId, error } = failed;
    // Somebody asked for one of a tenant that never was.
    if (error.message.endsWith('there is no such tenant')) return [];
    const begins = error.message.split(' ', WORDS_OF_AN_ERROR).join(' ');
    return [{ sort: 'not signed', key: `${tenantId} ${begins}`, text: `${tenantId}: ${error.message}` }];
  }
  const breached = breach.safeParse(said).data;
  if (!breached) return [];
  const { invariant } = breached;
  const places = 'chain' in breached ? [breached] : breached.evidence;
  return places.map(({ tenantId, chain, seq, reason }) => ({
    sort: 'breach',
    // Not the reason: it may hold figures of the moment.
    key: `${invariant} ${tenantId} ${chain} ${seq}`,
    text: `${invariant} of ${tenantId}, chain ${chain} seq ${seq}: ${reason}`,
  }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
