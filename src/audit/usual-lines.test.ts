import { describe, expect, test } from 'vitest';
import { lineOf } from '../core/chain/line.ts';
import type { ChainEvent } from '../contract/events.ts';
import { checkLine } from './line-check.ts';
import { usualEvent } from './usual-lines.ts';

const common = {
  seq: 7,
  occurredAt: '2025-01-08T11:03:26.5+11:00',
  causationId: '3bf6928a-ee80-80c3-b006-1a51f7905b6b',
};
const update: ChainEvent = {
  ...common,
  type: 'AccountBalanceUpdated',
  entityId: 'acc_03_e66e8f54af6ebdbe9fff',
  payload: { entryId: 'ent_04_6_7bc8aee762c4', home: '04', valueDate: '2025-01-08', deltaMinor: -29, balanceMinor: 0 },
};
const entry: ChainEvent = {
  ...common,
  type: 'EntryPosted',
  entityId: 'ent_03_7_7bc8aee762c4',
  command: {
    type: 'PostEntry',
    key: '7bc8aee762c494a92a9f2668113f402f',
    digest: '6a80a971e0ec00b5875692c2d67164be',
    actor: 'Zoë',
    events: 2,
    others: [{ chain: '13', seq: 11_884 }],
  },
  payload: {
    bookingDate: '2025-01-08',
    valueDate: '2025-01-08',
    currency: 'AUD',
    legs: [
      { accountId: 'acc_03_e66e8f54af6ebdbe9fff', direction: 'CREDIT', amountMinor: 2900 },
      { accountId: 'acc_13_05126267970200b20b6c', direction: 'DEBIT', amountMinor: 2900 },
    ],
    narrative: 'Thanks – 谢谢',
    tags: { category: 'PAYMENT', channel: 'NPP' },
  },
};

describe('a usual line', () => {
  test.each([
    ['a balance update', update],
    ['a balance update on the home chain', { ...update, payload: { ...update.payload, home: undefined } }],
    ['an entry', entry],
    ['an entry without tags', { ...entry, payload: { ...entry.payload, tags: undefined } }],
  ])('is read by its pattern as it is by parsing: %s', (_name, event) => {
    const line = lineOf(event);
    const read = usualEvent(line, 7);
    expect(read).toBeDefined();
    expect(read).toStrictEqual(JSON.parse(line));
  });

  test.each([
    ['a number with a leading zero', update, '"deltaMinor":-29', '"deltaMinor":-029'],
    ['minus zero', update, '"balanceMinor":0', '"balanceMinor":-0'],
    ['a fraction', update, '"deltaMinor":-29', '"deltaMinor":-29.5'],
    ['an inexact integer', update, '"balanceMinor":0', '"balanceMinor":90071992547409931'],
    ['a space', update, '"payload":{', '"payload": {'],
    ['a needless escape', entry, 'Thanks', String.raw`\u0054hanks`],
    ['an unknown field', update, '"balanceMinor":0', '"balanceMinor":0,"more":1'],
    ['an unknown direction', entry, '"DEBIT"', '"DOUBT"'],
    ['a name that stands twice', entry, '"channel"', '"category"'],
    ['another seq than is due', entry, '"seq":7', '"seq":8'],
    ['no entity', update, '"acc_03_e66e8f54af6ebdbe9fff"', '""'],
    ['an upper-case key', entry, '"7bc8aee762c494a92a9f2668113f402f"', '"7BC8aee762c494a92a9f2668113f402f"'],
    ['a command of no events', entry, '"events":2', '"events":0'],
    ['something after it', update, '"balanceMinor":0}}', '"balanceMinor":0}} '],
  ])('is refused with %s', (_name, event, was, is) => {
    const line = lineOf(event).replace(was, is);
    expect(line).not.toBe(lineOf(event));
    expect(usualEvent(line, 7)).toBeUndefined();
    expect(checkLine(line, 7)).toHaveProperty('fault');
  });
});
