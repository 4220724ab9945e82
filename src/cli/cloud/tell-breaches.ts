import * as z from 'zod';
import type { Terminal } from '../terminal.ts';

/** Where a breach was seen: in an event, on a chain, or in what concerns a tenant as a whole. */
const place = z.object({
  tenantId: z.string(),
  chain: z.string().optional(),
  seq: z.number().optional(),
  reason: z.string(),
});
type Place = z.infer<typeof place>;

/** What functions log of a breach: one, or the first that an audit has found of an invariant. */
const breach = z.union([
  place.extend({ message: z.literal('Invariant breached'), invariant: z.string() }),
  z.object({
    message: z.literal('Invariant breached'),
    invariant: z.string(),
    breaches: z.number(),
    evidence: z.array(z.unknown()),
  }),
]);
/** What DigestFunction logs where it could not make one. */
const failure = z.object({
  message: z.literal('Cannot make a digest'),
  tenantId: z.string(),
  error: z.object({ message: z.string() }),
});

/** Of each sort: a store that is damaged all over would fill the terminal. */
const TOLD_MAX = 20;

/** Figures, times and ids in an error's text: of the moment, where the words are of the error. */
const WORD_WITH_A_FIGURE = /\S*\d\S*/g;

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
    const words = error.message.replaceAll(WORD_WITH_A_FIGURE, '#');
    return [{ sort: 'not signed', key: `${tenantId} ${words}`, text: `${tenantId}: ${error.message}` }];
  }
  const breached = breach.safeParse(said).data;
  if (!breached) return [];
  const { invariant } = breached;
  if (!('evidence' in breached)) return [foundAt(invariant, breached)];
  // One by one, so that none keeps the others from being told.
  const places = breached.evidence.flatMap((entry) => place.safeParse(entry).data ?? []);
  if (places.length > 0) return places.map((each) => foundAt(invariant, each));
  // Where there are many tenants, an audit may have room for nothing but the count.
  return [{ sort: 'breach', key: invariant, text: `${invariant}, ${breached.breaches} in all, without evidence` }];
}

function foundAt(invariant: string, { tenantId, chain, seq, reason }: Place): Found {
  const event = seq === undefined ? '' : ` seq ${seq}`;
  const where = chain === undefined ? tenantId : `${tenantId}, chain ${chain}${event}`;
  // Not the reason of what has a place: it may hold figures of the moment.
  const isPlaced = chain !== undefined && seq !== undefined;
  return {
    sort: 'breach',
    key: `${invariant} ${where}${isPlaced ? '' : ` ${reason}`}`,
    text: `${invariant} of ${where}: ${reason}`,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
