import type { z } from 'zod';
import { type ChainEvent, commandMark, eventPayloads } from '../contract/events.ts';
import { lineOf } from '../core/chain/line.ts';
import { DATE_TIME, HEX_128, usualEvent, UUID } from './usual-lines.ts';

export type CheckedLine = { event: ChainEvent } | { fault: string };

const WHOLE_DATE_TIME = whole(DATE_TIME);
const WHOLE_UUID = whole(UUID);
const WHOLE_HEX_128 = whole(HEX_128);

/** Reads a line and checks that it is written exactly as the format says and that its payload has its type's strict form. */
export function checkLine(line: string, expectedSeq: number): CheckedLine {
  const usual = usualEvent(line, expectedSeq);
  if (usual) return { event: usual };
  let event: ChainEvent; // So far a claim: every field is checked below before the event is given out.
  let written: string;
  try {
    event = JSON.parse(line);
    if (typeof event !== 'object' || event === null) return { fault: 'The line is no object' };
    written = lineOf(event);
  } catch {
    return { fault: 'The line is no JSON' }; // Or JSON that is nested too deeply to be one of ours.
  }
  if (written !== line) return { fault: 'The line is not written in the fixed form and field order' };
  const fault = faultOf(event, expectedSeq);
  return fault === undefined ? { event } : { fault };
}

function faultOf(event: ChainEvent, expectedSeq: number): string | undefined {
  if (event.seq !== expectedSeq) return `The line has seq ${JSON.stringify(event.seq)} where ${expectedSeq} is due`;
  if (!Object.hasOwn(eventPayloads, event.type)) return `Unknown event type ${JSON.stringify(event.type)}`;
  if (typeof event.entityId !== 'string' || event.entityId === '') return 'The entityId is no text';
  if (!matches(WHOLE_DATE_TIME, event.occurredAt))
    return `The occurredAt ${JSON.stringify(event.occurredAt)} is no date-time`;
  if (!matches(WHOLE_UUID, event.causationId)) return `The causationId ${JSON.stringify(event.causationId)} is no UUID`;
  if (event.command !== undefined) {
    const fault = faultOfSchema(commandMark, event.command, 'command');
    if (fault !== undefined) return fault;
    if (!WHOLE_HEX_128.test(event.command.key) || !WHOLE_HEX_128.test(event.command.digest))
      return 'The command mark needs a key and a digest of 32 hex digits';
    if (event.command.events < 1) return 'The command mark counts no event';
  }
  return faultOfSchema(eventPayloads[event.type], event.payload, 'payload');
}

function whole(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`);
}

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function faultOfSchema(schema: z.ZodType, value: unknown, name: string): string | undefined {
  const result = schema.safeParse(value);
  const issue = result.error?.issues[0];
  return issue && `${[name, ...issue.path].join('.')}: ${issue.message}`;
}
