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
  /** Why the commit does not follow from the position before it; absent where it does. */
  fault?: string;
}

/** Reads a commit's events and checks that they continue the hash chain from a position. */
export function verifyCommit(commit: Commit, after: Position, sha256: Sha256): VerifiedCommit {
  const lines = commit.body.split('\n');
  const events = lines.map(parseLine);
  const fault = faultOf(commit, { lines, events, after, sha256 });
  return { commit, events, ...(fault !== undefined && { fault }) };
}

function faultOf(
  commit: Commit,
  options: { lines: readonly string[]; events: readonly ChainEvent[]; after: Position; sha256: Sha256 },
): string | undefined {
  const { lines, events, after, sha256 } = options;
  if (commit.firstSeq !== after.seq + 1) return `Expected event ${after.seq + 1} next, found ${commit.firstSeq}`;
  if (commit.prevHash !== after.hash)
    return `Expected hash ${after.hash} before event ${commit.firstSeq}, found ${commit.prevHash}`;
  const misplaced = events.findIndex((event, index) => event.seq !== commit.firstSeq + index);
  if (misplaced !== -1) return `Expected event ${commit.firstSeq + misplaced}, found ${events[misplaced]?.seq}`;
  if (commit.lastSeq !== after.seq + lines.length)
    return `Expected the commit to end at ${after.seq + lines.length}, found ${commit.lastSeq}`;
  let hash = after.hash;
  for (const line of lines) hash = linkHash(hash, line, sha256);
  return hash === commit.headHash
    ? undefined
    : `Expected hash ${hash} at event ${commit.lastSeq}, found ${commit.headHash}`;
}
