import { publicHolidays } from './holidays.ts';

/** A day on which something falls due. */
export interface DueDay {
  day: number;
  dayOfWeek: number;
  dayOfMonth: number;
  /** 0 to 11. */
  month: number;
}

/** One simulated day. */
export interface CalendarDay {
  /** 0 for the first simulated day. */
  day: number;
  /** ISO 8601 date in the tenant's time zone. */
  date: string;
  /** 0 Sunday to 6 Saturday. */
  dayOfWeek: number;
  dayOfMonth: number;
  holiday: string | undefined;
  /** Neither weekend nor holiday: direct entry and BPAY are processed. */
  business: boolean;
  monthEnd: boolean;
  /**
   * Days whose bills are processed today: on a business day it and the days without processing before it,
   * otherwise none.
   */
  processes: readonly DueDay[];
}

const DAY_MS = 86_400_000;
/** Longest run of days without processing: Good Friday to Easter Monday, and room. */
const LONGEST_PAUSE_DAYS = 7;

/** The days of a run, beginning at `start`. */
export function calendar(options: { start: string; days: number }): CalendarDay[] {
  const { start, days } = options;
  const result: CalendarDay[] = [];
  let waiting: DueDay[] = [];
  for (let day = 0; day < days; day += 1) {
    const date = addDays(start, day);
    const business = isBusinessDay(date);
    const time = new Date(`${date}T00:00:00Z`);
    const dayOfWeek = time.getUTCDay();
    const dayOfMonth = time.getUTCDate();
    waiting.push({ day, dayOfWeek, dayOfMonth, month: time.getUTCMonth() });
    result.push({
      day,
      date,
      dayOfWeek,
      dayOfMonth,
      holiday: holidayOn(date),
      business,
      monthEnd: new Date(time.getTime() + DAY_MS).getUTCDate() === 1,
      processes: business ? waiting : [],
    });
    if (business) waiting = [];
  }
  return result;
}

/** `date` moved by a number of days, which may be negative. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function isBusinessDay(date: string): boolean {
  const dayOfWeek = new Date(`${date}T00:00:00Z`).getUTCDay();
  return dayOfWeek !== 0 && dayOfWeek !== 6 && holidayOn(date) === undefined;
}

/**
 * Days of the run on which a pay cycle pays: every 14 days from `offset`, and on the business day before when that day
 * is none (employers pay early rather than late).
 */
export function paydays(options: { start: string; days: number; offset: number }): Set<number> {
  const result = new Set<number>();
  for (let due = options.offset; due < options.days + LONGEST_PAUSE_DAYS; due += 14) {
    let day = due;
    while (day > 0 && !isBusinessDay(addDays(options.start, day))) day -= 1;
    if (day < options.days) result.add(day);
  }
  return result;
}

const holidaysByYear = new Map<number, Map<string, string>>();

function holidayOn(date: string): string | undefined {
  const year = Number(date.slice(0, 4));
  let holidays = holidaysByYear.get(year);
  if (!holidays) {
    holidays = publicHolidays(year);
    holidaysByYear.set(year, holidays);
  }
  return holidays.get(date.slice(5));
}
