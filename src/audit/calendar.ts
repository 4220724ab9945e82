/** @returns a function that tells the date of a moment in a time zone; UTC where the zone is unknown */
export function dateIn(timeZone: string): (timestamp: string) => string {
  const format = formatOf(timeZone);
  // Formatting costs more than all other checks of an event. Offsets are multiples of a quarter of an hour, so the moments
  // of five minutes share their date.
  const known = new Map<string, string>();
  let last = { tenMinutes: '', isFirstHalf: false, date: '' };
  return (timestamp) => {
    if (!timestamp.endsWith('Z')) return remembered(timestamp, timestamp);
    const isFirstHalf = (timestamp[TEN_MINUTES_LENGTH] ?? '0') < '5';
    // Most events follow each other closely.
    if (isFirstHalf === last.isFirstHalf && timestamp.startsWith(last.tenMinutes) && last.tenMinutes !== '')
      return last.date;
    const tenMinutes = timestamp.slice(0, TEN_MINUTES_LENGTH);
    last = { tenMinutes, isFirstHalf, date: remembered(tenMinutes + (isFirstHalf ? '0' : '5'), timestamp) };
    return last.date;
  };

  function remembered(moment: string, timestamp: string): string {
    let date = known.get(moment);
    if (date === undefined) {
      date = dateOf(timestamp);
      if (known.size < MOMENTS_MAX) known.set(moment, date);
    }
    return date;
  }

  function dateOf(timestamp: string): string {
    const time = Date.parse(timestamp);
    return Number.isNaN(time) ? timestamp.slice(0, 10) : format.format(time);
  }
}

/** Characters of a timestamp up to the tens of minutes. */
const TEN_MINUTES_LENGTH = '2025-01-02T03:4'.length;

/** Moments remembered: a year has 105,120 times five minutes. */
const MOMENTS_MAX = 110_000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const fields = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-CA', { ...fields, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-CA', { ...fields, timeZone: 'UTC' });
  }
}

/**
 * @returns the date so many months later, cut to the end of the month: 31 August + 6 months is 28 or 29 February;
 * empty where the calendar has no such date
 */
export function monthsAfter(date: string, months: number): string {
  const start = new Date(`${date}T00:00:00Z`);
  const day = start.getUTCDate();
  start.setUTCMonth(start.getUTCMonth() + months, 1);
  const lastDay = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
  start.setUTCDate(Math.min(day, lastDay));
  return Number.isNaN(start.getTime()) ? '' : start.toISOString().slice(0, 10);
}
