import type { ChainEvent } from '../../contract/events.ts';
import { type Sha256, linkHash } from '../../core/chain/hash.ts';
import { parseLine } from '../../core/chain/line.ts';
import type { Commit } from '../../journal/port.ts';

/** A point of a chain: the last event before what comes next. */
export interface Position {
  seq: number;
  hash: string;
}

export interface VerifiedCommit {
  commit: Commit;
  events: ChainEvent[];
  /** Why the commit does not continue the chain from what was before it; absent where it does. */
  fault?: { reason: string; after: Position };
}

/** A commit that is there and that nobody can read. */
export class UnreadableCommitError extends Error {
  readonly code = 'COMMIT_UNREADABLE';
  readonly seq: number;
  /** @param seq the event that is due where the commit stands */
  constructor(seq: number, options: { cause: unknown }) {
    super(`Cannot read the commit at event ${seq}`, options);
    this.name = 'UnreadableCommitError';
    this.seq = seq;
  }
}

export function linesOf({ body }: Commit): string[] {
  return body.split('\n');
}

/** Checks that a commit continues the hash chain from a position, by its bytes alone. @returns what is wrong, else undefined */
export function faultOfLink(
  commit: Commit,
  lines: readonly string[],
  { after, sha256 }: { after: Position; sha256: Sha256 },
): string | undefined {
  const { firstSeq, lastSeq, prevHash, headHash } = commit;
  if (firstSeq !== after.seq + 1) return `Expected event ${after.seq + 1} next, found ${firstSeq}`;
  if (prevHash !== after.hash) return `Expected hash ${after.hash} before event ${firstSeq}, found ${prevHash}`;
  if (lastSeq !== after.seq + lines.length)
    return `Expected the commit to end at ${after.seq + lines.length}, found ${lastSeq}`;
  const hash = lines.reduce((previous, line) => linkHash(previous, line, sha256), prevHash);
  return hash === headHash ? undefined : `Expected hash ${hash} at event ${lastSeq}, found ${headHash}`;
}

/** @throws SyntaxError when a line is no JSON, which no writer of ours can have written */
export function eventsOf(lines: readonly string[]): ChainEvent[] {
  return lines.map(parseLine);
}

/** Checks that events carry the numbers of their places. @returns what is wrong, else undefined */
export function faultOfNumbers(commit: Commit, events: readonly ChainEvent[]): string | undefined {
  const misplaced = events.findIndex((event, index) => event.seq !== commit.firstSeq + index);
  return misplaced === -1
    ? undefined
    : `Expected event ${commit.firstSeq + misplaced}, found ${events[misplaced]?.seq}`;
}
