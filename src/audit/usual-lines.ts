import type { ChainEvent, ChainEventOf, EventLeg } from '../contract/events.ts';

/**
 * The two kinds of lines that make up nearly all of a ledger, read by patterns of their whole text. A line that matches is
 * written in the fixed form and has its type's strict payload, since the pattern allows nothing else: so it need not be
 * written out again and compared, as `checkLine` does with all other lines, nor looked through field by field. What does
 * not match may still be right.
 */

export const DATE_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/;
export const UUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/;
export const HEX_128 = /[0-9a-f]{32}/;

/** Characters that JSON writes as they are; no halves of surrogate pairs, which it does not. */
const CHARACTER = String.raw`[ !#-\[\]-\ud7ff\ue000-\uffff]`;
/** Integers that a number holds exactly, as JSON writes them. */
const COUNT = String.raw`[1-9]\d{0,14}`;
const INTEGER = `(?:0|-?${COUNT})`;
const OTHER = String.raw`\{"chain":"${CHARACTER}*","seq":${INTEGER}\}`;
const LEG = String.raw`\{"accountId":"${CHARACTER}*","direction":"(?:DEBIT|CREDIT)","amountMinor":${INTEGER}\}`;

const beginning = (type: string): string =>
  String.raw`^\{"seq":(${COUNT}),"type":"${type}","entityId":"(${CHARACTER}+)","occurredAt":"(${DATE_TIME.source})","causationId":"(${UUID.source})",`;

const UPDATE = new RegExp(
  beginning('AccountBalanceUpdated') +
    String.raw`"payload":\{"entryId":"(${CHARACTER}*)",(?:"home":"(${CHARACTER}*)",)?"valueDate":"(${CHARACTER}*)","deltaMinor":(${INTEGER}),"balanceMinor":(${INTEGER})\}\}$`,
);

const ENTRY = new RegExp(
  beginning('EntryPosted') +
    String.raw`"command":\{"type":"PostEntry","key":"(${HEX_128.source})","digest":"(${HEX_128.source})","actor":"(${CHARACTER}*)","events":(${COUNT})(?:,"others":(\[${OTHER}(?:,${OTHER})*\]))?\},` +
    String.raw`"payload":\{"bookingDate":"(${CHARACTER}*)","valueDate":"(${CHARACTER}*)","currency":"(${CHARACTER}*)","legs":(\[${LEG}(?:,${LEG})*\]),"narrative":"(${CHARACTER}*)"(?:,"tags":(\{"[A-Za-z]+":"${CHARACTER}*"(?:,"[A-Za-z]+":"${CHARACTER}*")*\}))?\}\}$`,
);

/** @returns the event of a line that matches one of the patterns and has the seq that is due */
export function usualEvent(line: string, expectedSeq: number): ChainEvent | undefined {
  const typeAt = line.indexOf('"type":"') + '"type":"'.length;
  if (line.startsWith('AccountBalanceUpdated', typeAt)) return updateOf(line, expectedSeq);
  return line.startsWith('EntryPosted', typeAt) ? entryOf(line, expectedSeq) : undefined;
}

function updateOf(line: string, seq: number): ChainEventOf<'AccountBalanceUpdated'> | undefined {
  const match = UPDATE.exec(line);
  if (!match || Number(match[1]) !== seq) return undefined;
  const home = match[6];
  const entryId = match[5] ?? '';
  const valueDate = match[7] ?? '';
  const deltaMinor = Number(match[8]);
  const balanceMinor = Number(match[9]);
  return {
    seq,
    type: 'AccountBalanceUpdated',
    entityId: match[2] ?? '',
    occurredAt: match[3] ?? '',
    causationId: match[4] ?? '',
    payload:
      home === undefined
        ? { entryId, valueDate, deltaMinor, balanceMinor }
        : { entryId, home, valueDate, deltaMinor, balanceMinor },
  };
}

function entryOf(line: string, seq: number): ChainEventOf<'EntryPosted'> | undefined {
  const match = ENTRY.exec(line);
  if (!match || Number(match[1]) !== seq) return undefined;
  const event: ChainEventOf<'EntryPosted'> = {
    seq,
    type: 'EntryPosted',
    entityId: match[2] ?? '',
    occurredAt: match[3] ?? '',
    causationId: match[4] ?? '',
    command: {
      type: 'PostEntry',
      key: match[5] ?? '',
      digest: match[6] ?? '',
      actor: match[7] ?? '',
      events: Number(match[8]),
    },
    payload: {
      bookingDate: match[10] ?? '',
      valueDate: match[11] ?? '',
      currency: match[12] ?? '',
      legs: legsOf(match[13] ?? ''),
      narrative: match[14] ?? '',
    },
  };
  const [others, tags] = [match[9], match[15]];
  if (others !== undefined && event.command) event.command.others = JSON.parse(others);
  if (tags !== undefined) {
    event.payload.tags = JSON.parse(tags);
    // A name that stands twice is one field when it is read.
    if (JSON.stringify(event.payload.tags) !== tags) return undefined;
  }
  return event;
}

/** @param text an array of legs, as the pattern has found it */
function legsOf(text: string): EventLeg[] {
  return JSON.parse(text);
}
