import type { Schemas } from '../../sdk/client.ts';
import { timestampOf } from '../calendar/timestamp.ts';
import type { TwinConfig } from '../config.ts';
import { commandIdOf } from '../random/command-id.ts';
import type { Expectation } from '../world/intent.ts';

export type Envelope = Schemas['CommandEnvelope'];
export type CommandType = Envelope['commandType'];
type PayloadOf<Type extends CommandType> = Extract<Envelope, { commandType: Type }>['payload'];

/** A command, and the answer that the twin expects. */
export interface Prepared {
  envelope: Envelope;
  expect: Expectation;
}

/** Who the commands come from: the subject of the bearer token. */
export interface Sender {
  config: TwinConfig;
  actorId: string;
  timeZone: string;
}

/**
 * Puts a payload into its envelope. Command id, idempotency key and time come from the seed and the simulated moment
 * alone, so that the same intent is the same command on every machine and at every retry.
 * @param options.key unique in the run
 * @param options.second second of the local day
 */
export function envelope<Type extends CommandType>(
  sender: Sender,
  options: { type: Type; key: string; date: string; second: number; payload: PayloadOf<Type> },
): Envelope {
  const { config, actorId, timeZone } = sender;
  const { type, key, date, second, payload } = options;
  const idempotencyKey = `${config.seed}/${key}`;
  const command = {
    commandId: commandIdOf(config.tenantId, idempotencyKey),
    tenantId: config.tenantId,
    commandType: type,
    actor: { actorType: 'SYSTEM' as const, actorId },
    timestamp: timestampOf({ date, second, timeZone }),
    payload,
    idempotencyKey,
  };
  // The type parameter pairs command type and payload; the compiler cannot see that the pair is one of the union.
  return command as Envelope;
}

/** Dollars from minor units: AUD has two decimals, and division is correctly rounded. */
export function dollars(amountMinor: number): number {
  return amountMinor / 100;
}
