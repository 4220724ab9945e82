/**
 * Public holidays of New South Wales in a year, as `MM-DD` with their names. Local and one-off days are left out.
 * Source: Public Holidays Act 2010 (NSW).
 */
export function publicHolidays(year: number): Map<string, string> {
  const holidays = new Map<string, string>();
  const add = (time: number, name: string) => holidays.set(new Date(time).toISOString().slice(5, 10), name);
  const easter = easterSunday(year);
  add(weekdayFrom(Date.UTC(year, 0, 1)), 'New Year’s Day');
  add(Date.UTC(year, 0, 1), 'New Year’s Day');
  add(weekdayFrom(Date.UTC(year, 0, 26)), 'Australia Day');
  add(easter - 2 * DAY_MS, 'Good Friday');
  add(easter - DAY_MS, 'Easter Saturday');
  add(easter, 'Easter Sunday');
  add(easter + DAY_MS, 'Easter Monday');
  add(Date.UTC(year, 3, 25), 'Anzac Day');
  add(nthMonday({ year, month: 5, nth: 2 }), 'King’s Birthday');
  add(nthMonday({ year, month: 9, nth: 1 }), 'Labour Day');
  add(Date.UTC(year, 11, 25), 'Christmas Day');
  add(Date.UTC(year, 11, 26), 'Boxing Day');
  for (const name of ['Christmas Day', 'Boxing Day']) {
    const time = Date.UTC(year, 11, name === 'Christmas Day' ? 25 : 26);
    // A holiday on Saturday or Sunday is given again two days later: 25 on Saturday → 27, 26 on Sunday → 28, and so on.
    if (isWeekend(time)) add(time + 2 * DAY_MS, `${name} (additional day)`);
  }
  return holidays;
}

const DAY_MS = 86_400_000;

function isWeekend(time: number): boolean {
  const day = new Date(time).getUTCDay();
  return day === 0 || day === 6;
}

/** The day itself, or the Monday after it when it falls on a weekend. */
function weekdayFrom(time: number): number {
  return isWeekend(time) ? weekdayFrom(time + DAY_MS) : time;
}

function nthMonday(options: { year: number; month: number; nth: number }): number {
  const first = new Date(Date.UTC(options.year, options.month, 1)).getUTCDay();
  return Date.UTC(options.year, options.month, 1 + ((8 - first) % 7) + 7 * (options.nth - 1));
}

/** Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876). */
function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return Date.UTC(year, month - 1, day);
}
