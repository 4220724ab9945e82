import type { ChainEvent } from '../../contract/events.ts';

/**
 * Writes an event as its line. The field order is fixed here once and for all: the line's bytes are what is hashed,
 * stored and exported, so nothing ever has to be put into a canonical form again.
 */
export function lineOf(event: ChainEvent): string {
  return JSON.stringify({
    seq: event.seq,
    type: event.type,
    entityId: event.entityId,
    occurredAt: event.occurredAt,
    causationId: event.causationId,
    command: event.command,
    payload: event.payload,
  });
}

/** Reads a line of a chain whose hash was or will be checked. */
export function parseLine(line: string): ChainEvent {
  // The bytes are ours: they were written by `lineOf` and are guarded by the hash chain.
  return JSON.parse(line) as ChainEvent;
}
