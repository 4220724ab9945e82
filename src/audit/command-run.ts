import type { ChainEvent, CommandMark, EventType } from '../contract/events.ts';
import type { Findings } from './findings.ts';
import type { Posting } from './posting.ts';

/** The events of one command on its home chain, while they are being read. */
export interface CommandRun {
  mark: CommandMark;
  seq: number;
  causationId: string;
  occurredAt: string;
  /** Events read so far, a letter each. */
  shape: string;
  posting: Posting | undefined;
  openedAccountId: string | undefined;
}

export function startRun(event: ChainEvent, mark: CommandMark): CommandRun {
  const { seq, causationId, occurredAt } = event;
  return { mark, seq, causationId, occurredAt, shape: '', posting: undefined, openedAccountId: undefined };
}

const LETTERS: Readonly<Record<EventType, string>> = {
  TenantCreated: 'T',
  ProductCreated: 'P',
  ProductUpdated: 'P',
  CustomerCreated: 'C',
  AccountOpened: 'A',
  LoanFacilityCreated: 'L',
  FundsPosted: 'F',
  EntryPosted: 'E',
  AccountBalanceUpdated: 'B',
  AccountClosed: 'X',
  CommandRefused: 'R',
};

/** The events that an accepted command makes, in their order; a refused one makes CommandRefused and nothing else. */
const SHAPES: Readonly<Record<CommandMark['type'], RegExp>> = {
  CreateTenant: /^(?:T|R)$/,
  UpsertProduct: /^(?:P|R)$/,
  CreateCustomer: /^(?:C|R)$/,
  OpenAccount: /^(?:A|AL|AFBB|R)$/,
  PostEntry: /^(?:E(?:BX?)+|R)$/,
};

/** Takes an event into its run and checks that it names the run's command. */
export function joinRun(run: CommandRun, event: ChainEvent, context: { chain: string; findings: Findings }): void {
  run.shape += LETTERS[event.type];
  context.findings.check(
    'ACCOUNT_CONSTRAINTS',
    event.causationId === run.causationId && event.occurredAt === run.occurredAt,
    { chain: context.chain, seq: event.seq },
    () => `${event.type} names command ${event.causationId}, but stands among the events of ${run.causationId}`,
  );
}

/** Checks that a command left the events it promised, and those that its type leaves. */
export function checkRun(run: CommandRun, chain: string, findings: Findings): void {
  const place = { chain, seq: run.seq };
  findings.check(
    'ACCOUNT_CONSTRAINTS',
    run.shape.length === run.mark.events,
    place,
    () => `Command ${run.causationId} promises ${run.mark.events} events and has ${run.shape.length}`,
  );
  findings.check(
    'ACCOUNT_CONSTRAINTS',
    SHAPES[run.mark.type].test(run.shape),
    place,
    () => `Command ${run.causationId} is a ${run.mark.type}, which does not leave events of these types (${run.shape})`,
  );
}
