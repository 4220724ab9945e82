import type { EventPayload, EventType } from '../contract/events.ts';
import type { ViolationCode } from '../contract/refusals.ts';

/** An event as decided: its place in the chain, its cause and its hash come when it is appended. */
export type NewEvent = {
  [Type in EventType]: { chain: string; type: Type; entityId: string; payload: EventPayload<Type> };
}[EventType];

/** Evidence of a refusal. It is recorded, so it names accounts and amounts, never a person. */
export type RefusalDetails = EventPayload<'CommandRefused'>['details'];

export interface Refused {
  outcome: 'refused';
  error: ViolationCode;
  details: RefusalDetails;
}

export interface Accepted {
  outcome: 'accepted';
  /** What the command made or changed. */
  entityId: string;
  events: NewEvent[];
}

export type Decision = Accepted | Refused;

export function refuse(error: ViolationCode, details: RefusalDetails = {}): Refused {
  return { outcome: 'refused', error, details };
}
