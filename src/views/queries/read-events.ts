import type { ChainEvent } from '../../contract/events.ts';
import type { EventEnvelope } from '../../contract/queries.ts';
import { type Sha256, eventIdOf, linkHash } from '../../core/chain/hash.ts';
import { parseLine } from '../../core/chain/line.ts';
import type { Commit } from '../../journal/port.ts';

export interface HashedEvent {
  event: ChainEvent;
  hash: string;
  prevHash: string;
}

/** Reads the events of a commit that `wanted` names by their seq, with their hashes. */
export function readEvents(commit: Commit, wanted: ReadonlySet<number>, sha256: Sha256): HashedEvent[] {
  let prevHash = commit.prevHash;
  return commit.body.split('\n').flatMap((line, index) => {
    const before = prevHash;
    prevHash = linkHash(prevHash, line, sha256);
    return wanted.has(commit.firstSeq + index) ? [{ event: parseLine(line), hash: prevHash, prevHash: before }] : [];
  });
}

export function envelopeOf({ event, hash, prevHash }: HashedEvent, { tenantId, chain }: Commit): EventEnvelope {
  const { seq, type, entityId, occurredAt, causationId, payload } = event;
  return {
    eventId: eventIdOf(hash),
    eventType: type,
    tenantId,
    entityId,
    payload,
    occurredAt,
    causationId,
    chain,
    seq,
    hash,
    prevHash,
  };
}
