import { isDeepStrictEqual } from 'node:util';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import type { Reply } from '../../../src/gateway/reply.ts';
import { isFinal, type Sending } from '../system/clients.ts';
import { fail } from './fail.ts';
import type { JournalReading, Line, Recorded } from './journal.ts';
import { keyOf } from './model.ts';

interface Answered extends Sending {
  answer: NonNullable<Sending['answer']>;
}

/**
 * What clients were told: it is in the journal, once, and was there before they were told; a repeat gets the first answer again;
 * what was not done left nothing.
 */
export function checkAnswers(
  reading: JournalReading,
  sendings: readonly Sending[],
  count: (path: string) => void,
): void {
  const byId = new Map(sendings.map(({ envelope }) => [envelope.commandId, envelope]));
  const first = new Map<string, Reply>();
  const known = new Map<string, Line>();
  const recorded = new Map<string, Recorded[]>();
  for (const each of reading.commands) {
    const [line] = each.lines;
    known.set(`${line.pk} ${line.event.command?.key}`, line);
    const name = nameOf(line.tenantId, line.event.causationId);
    recorded.set(name, [...(recorded.get(name) ?? []), each]);
  }
  /** What is compared of a command is the same in each of its sendings. */
  const texts = new Map<CommandEnvelope, { key: string; payload: string }>();
  const textsOf = (envelope: CommandEnvelope): { key: string; payload: string } => {
    const before = texts.get(envelope);
    if (before) return before;
    const made = { key: keyOf(envelope), payload: JSON.stringify(envelope.payload) };
    texts.set(envelope, made);
    return made;
  };
  for (const sending of sendings.filter((each): each is Answered => each.answer !== undefined)) {
    const { envelope, dryRun, answer } = sending;
    const { reply, atMs } = answer;
    const what = `${envelope.commandType} ${envelope.commandId}`;
    if (dryRun || !isFinal(reply)) continue;
    if (reply.kind === 'fault') {
      checkFault(sending, reply, known);
      continue;
    }
    const { key, payload } = textsOf(envelope);
    const intent = `${envelope.tenantId} ${key} ${envelope.commandType} ${payload}`;
    const before = first.get(intent);
    if (before && !isDeepStrictEqual(before, reply))
      fail(`${what} was answered differently at ${atMs}: ${JSON.stringify(reply)} after ${JSON.stringify(before)}`);
    first.set(intent, reply);

    const cause = byId.get(reply.body.commandId);
    if (!cause || textsOf(cause).key !== key || textsOf(cause).payload !== payload)
      fail(`${what} got the answer of ${reply.body.commandId}, which is another command`);
    const line = recordOf(recorded.get(nameOf(envelope.tenantId, reply.body.commandId)) ?? [], reply, what);
    if (line.atMs < sending.sentMs) count('answered with what had long been written');
    if (line.atMs > atMs) fail(`${what} was answered at ${atMs}, before it was written at ${line.atMs}`);
  }
}

function nameOf(tenantId: string, commandId: string): string {
  return `${tenantId} ${commandId}`;
}

/** @param recorded what stands in the journal of the command that the answer speaks of @returns its first event */
function recordOf(recorded: readonly Recorded[], reply: Exclude<Reply, { kind: 'fault' }>, what: string): Line {
  const [only] = recorded;
  if (!only || recorded.length > 1) fail(`${what} was answered, and stands ${recorded.length} times in the journal`);
  const [line] = only.lines;
  const { event } = line;
  if (reply.kind === 'violation') {
    const error = event.type === 'CommandRefused' ? event.payload.error : 'accepted';
    if (error !== reply.body.error) fail(`${what} was told ${reply.body.error}, the journal says ${error}`);
    return line;
  }
  const { body } = reply;
  const events = only.lines.map(({ chain, event: { seq, type }, hash }) => [chain, seq, type, shortHash(hash)]);
  const told = body.events.map(({ chain, seq, eventType, eventId }) => [chain, seq, eventType, eventId.slice(0, 8)]);
  if (!isDeepStrictEqual(told, events))
    fail(`${what} was told ${JSON.stringify(told)}, the journal says ${JSON.stringify(events)}`);
  if (body.entityId !== event.entityId || body.acceptedAt !== line.committedAt)
    fail(`${what} was told of ${body.entityId} at ${body.acceptedAt}, the journal says otherwise`);
  return line;
}

function checkFault(
  { envelope, sentMs }: Answered,
  { code, message }: Extract<Reply, { kind: 'fault' }>,
  known: ReadonlyMap<string, Line>,
): void {
  const what = `${envelope.commandType} ${envelope.commandId}`;
  if (code === 'IdempotencyKeyReused') {
    const holders = [...known].filter(
      ([name]) => name.startsWith(`${envelope.tenantId}#`) && name.endsWith(` ${keyOf(envelope)}`),
    );
    if (!holders.some(([, line]) => line.event.causationId !== envelope.commandId))
      fail(`${what} was told that its key was used before, which it was not`);
    return;
  }
  if (code === 'NotFound') {
    const created = [...known.values()].find(
      ({ event, tenantId }) => event.type === 'TenantCreated' && tenantId === envelope.tenantId,
    );
    if (created && created.atMs < sentMs) fail(`${what} was told that there is no tenant, long after it was made`);
    return;
  }
  fail(`${what} was told ${code}: ${message}`);
}

function shortHash(hash: string): string {
  return hash.slice(0, 8);
}
