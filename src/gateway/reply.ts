import { fromMinor } from '../contract/currency.ts';
import type { ChainEventOf } from '../contract/events.ts';
import { type FaultCode, VIOLATIONS } from '../contract/refusals.ts';
import type { CommandAccepted, InvariantViolation } from '../contract/replies.ts';

/** What the gateway answers to a command; the middleware knows how it looks over HTTP. */
export type Reply =
  | { kind: 'accepted'; body: CommandAccepted }
  | { kind: 'violation'; body: InvariantViolation }
  | { kind: 'fault'; code: FaultCode; message: string; details?: Record<string, unknown> };

export function fault(code: FaultCode, message: string, details?: Record<string, unknown>): Reply {
  return { kind: 'fault', code, message, ...(details && { details }) };
}

/** Renders a recorded refusal; amounts leave as decimal numbers, `floorMinor` as `floor`. */
export function violationOf(event: ChainEventOf<'CommandRefused'>, exponent: number): InvariantViolation {
  const { error, details } = event.payload;
  const rendered = Object.entries(details).map(([name, value]) =>
    name.endsWith('Minor')
      ? [name.slice(0, -'Minor'.length), typeof value === 'number' ? fromMinor(value, exponent) : value]
      : [name, value],
  );
  return {
    commandId: event.causationId,
    error,
    invariant: VIOLATIONS[error].invariant,
    message: VIOLATIONS[error].text,
    details: Object.fromEntries(rendered),
  };
}
