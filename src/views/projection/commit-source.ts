import type { ChainEvent } from '../../contract/events.ts';
import type { Sha256 } from '../../core/chain/hash.ts';
import type { ChainRef } from '../../core/chain/name.ts';
import { type Commit, isUnavailable, type Journal } from '../../journal/port.ts';
import {
  eventsOf,
  faultOfLink,
  faultOfNumbers,
  linesOf,
  type Position,
  UnreadableCommitError,
  type VerifiedCommit,
} from './verified-commit.ts';

/**
 * Gives the commits of a chain after a position, in order. The images that the stream delivered are used as far as they
 * continue the chain without a gap and with the right hashes; for anything else the journal is asked, and what it says
 * stands, with its fault if it has one.
 * @param options.target how far the caller wants to come: where the images reach it, the journal is left alone
 */
export async function* commitsAfter(options: {
  ref: ChainRef;
  position: Position;
  images: readonly Commit[];
  target: number;
  journal: Journal;
  sha256: Sha256;
}): AsyncGenerator<VerifiedCommit> {
  const { ref, journal, sha256 } = options;
  let { position } = options;
  for (const image of [...options.images].sort((a, b) => a.firstSeq - b.firstSeq)) {
    if (image.firstSeq <= position.seq) continue;
    const lines = linesOf(image);
    if (faultOfLink(image, lines, { after: position, sha256 }) !== undefined) break;
    const events = readable(lines);
    if (!events || faultOfNumbers(image, events) !== undefined) break;
    yield { commit: image, events };
    position = { seq: image.lastSeq, hash: image.headHash };
  }
  if (position.seq >= options.target) return;
  const commits = journal.read(ref, { afterSeq: position.seq })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextOf(commits, position.seq + 1);
      if (!next) return;
      const { commit, lines, events } = next;
      const fault = faultOfLink(commit, lines, { after: position, sha256 }) ?? faultOfNumbers(commit, events);
      yield { commit, events, ...(fault !== undefined && { fault: { reason: fault, after: position } }) };
      position = { seq: commit.lastSeq, hash: commit.headHash };
    }
  } finally {
    await commits.return?.();
  }
}

/** @returns the events of an image, unless it has lines that nobody can read: then the journal is asked */
function readable(lines: readonly string[]): ChainEvent[] | undefined {
  try {
    return eventsOf(lines);
  } catch {
    return undefined;
  }
}

/** @throws UnreadableCommitError when there is a commit that cannot be read */
async function nextOf(commits: AsyncIterator<Commit>, seq: number) {
  try {
    const { value: commit, done } = await commits.next();
    if (done) return undefined;
    const lines = linesOf(commit);
    return { commit, lines, events: eventsOf(lines) };
  } catch (cause) {
    if (isUnavailable(cause)) throw cause;
    throw new UnreadableCommitError(seq, { cause });
  }
}
