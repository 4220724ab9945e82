import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, calendar, isBusinessDay, paydays } from './calendar.ts';
import { publicHolidays } from './holidays.ts';
import { timestampOf } from './timestamp.ts';

const starts = fc.integer({ min: 0, max: 2_000 }).map((days) => addDays('2024-01-01', days));

test('knows the public holidays of New South Wales', () => {
  expect([...publicHolidays(2025).keys()].toSorted()).toEqual([
    '01-01',
    '01-27',
    '04-18',
    '04-19',
    '04-20',
    '04-21',
    '04-25',
    '06-09',
    '10-06',
    '12-25',
    '12-26',
  ]);
  // Christmas on a Saturday: both days are given again.
  expect([...publicHolidays(2021).keys()]).toEqual(expect.arrayContaining(['12-27', '12-28']));
  expect(publicHolidays(2024).get('03-29')).toBe('Good Friday');
});

test('the default month: 30 days, one holiday beside weekends, one month end', () => {
  const days = calendar({ start: '2025-01-02', days: 30 });
  expect(days.at(-1)).toMatchObject({ date: '2025-01-31', monthEnd: true, business: true });
  expect(days.filter((day) => day.holiday)).toHaveLength(1);
  expect(days.filter((day) => day.business)).toHaveLength(21);
  expect(days.filter((day) => day.monthEnd)).toHaveLength(1);
});

test('every day is processed once, on a business day not before it', () => {
  fc.assert(
    fc.property(starts, fc.integer({ min: 10, max: 60 }), (start, length) => {
      const days = calendar({ start, days: length });
      const processed = days.flatMap((day) =>
        day.processes.map((due) => ({ due: due.day, on: day.day, business: day.business })),
      );
      expect(processed.every(({ due, on, business }) => due <= on && business)).toBe(true);
      const last = days.findLast((day) => day.business)?.day ?? -1;
      expect(processed.map(({ due }) => due)).toEqual(Array.from({ length: last + 1 }, (_, index) => index));
    }),
    { numRuns: 40 },
  );
});

test('pay comes every fortnight, on business days, early when the day is none', () => {
  fc.assert(
    fc.property(starts, fc.integer({ min: 2, max: 13 }), (start, offset) => {
      const days = [...paydays({ start, days: 60, offset })];
      expect(days.length).toBeGreaterThanOrEqual(4);
      for (const day of days) {
        expect(day === 0 || isBusinessDay(addDays(start, day))).toBe(true);
        const late = (day - offset + 140) % 14;
        expect(late === 0 || late >= 9).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('two paydays fall into the default month for every cohort on its weekday', () => {
  for (let offset = 2; offset <= 13; offset += 1) {
    const dayOfWeek = new Date(addDays('2025-01-02', offset)).getUTCDay();
    // Nobody's cycle falls on a weekend.
    if (dayOfWeek === 0 || dayOfWeek === 6) continue;
    expect(paydays({ start: '2025-01-02', days: 30, offset }).size).toBe(2);
  }
});

test('timestamps are local times in UTC, summer time included', () => {
  const second = 11 * 3600;
  expect(timestampOf({ date: '2025-01-01', second, timeZone: 'Australia/Sydney' })).toBe('2025-01-01T00:00:00Z');
  expect(timestampOf({ date: '2025-07-01', second, timeZone: 'Australia/Sydney' })).toBe('2025-07-01T01:00:00Z');
  expect(timestampOf({ date: '2025-07-01', second, timeZone: 'Australia/Adelaide' })).toBe('2025-07-01T01:30:00Z');
});
