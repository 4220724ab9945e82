import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, ageOn, isTimeZone, localDate } from './calendar.ts';

describe('localDate', () => {
  it('gives the day as the tenant’s wall calendar has it', () => {
    expect(localDate('2025-01-01T12:59:59Z', 'Australia/Sydney')).toBe('2025-01-01');
    expect(localDate('2025-01-01T13:00:00Z', 'Australia/Sydney')).toBe('2025-01-02');
    expect(localDate('2025-07-01T14:00:00Z', 'Australia/Sydney')).toBe('2025-07-02'); // Winter: UTC+10.
    expect(localDate('2025-01-01T00:00:00+11:00', 'Australia/Sydney')).toBe('2025-01-01');
  });
});

describe('isTimeZone', () => {
  it.each([
    ['Australia/Sydney', true],
    ['UTC', true],
    ['Australia/Atlantis', false],
    ['+10:00', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isTimeZone(text)).toBe(expected);
  });
});

describe('addMonths', () => {
  it.each([
    ['2025-01-31', 1, '2025-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2025-07-01', 6, '2026-01-01'],
    ['2025-12-31', 12, '2026-12-31'],
  ])('%s + %d = %s', (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected);
  });

  it('reaches the month it counts to and never a later day of it', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1950-01-01'), max: new Date('2150-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 600 }),
        (day, months) => {
          const date = day.toISOString().slice(0, 10);
          const reached = addMonths(date, months);
          expect(new Date(reached).toISOString().slice(0, 10)).toBe(reached);
          const index = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
          expect(index(reached) - index(date)).toBe(months);
          expect(reached.slice(8) <= date.slice(8)).toBe(true);
        },
      ),
    );
  });
});

describe('ageOn', () => {
  it.each([
    ['2007-01-01', '2025-01-01', 18],
    ['2007-01-02', '2025-01-01', 17],
    ['2004-02-29', '2022-02-28', 17],
    ['2004-02-29', '2022-03-01', 18],
  ])('born %s is on %s %d years old', (born, day, age) => {
    expect(ageOn(born, day)).toBe(age);
  });
});
