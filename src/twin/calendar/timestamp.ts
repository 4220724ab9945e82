import { addDays } from './calendar.ts';

/**
 * The instant of a local time of day, as ISO 8601 in UTC.
 * The offset of the zone is taken at noon, so a time within hours of a change to daylight saving may be an hour off:
 * the twin does nothing before 03:00.
 * @param second second of the day, local
 */
export function timestampOf(options: { date: string; second: number; timeZone: string }): string {
  const { date, second, timeZone } = options;
  const offsetSeconds = offsetAtNoonSeconds(date, timeZone);
  const utcSecond = second - offsetSeconds;
  const days = Math.floor(utcSecond / DAY_SECONDS);
  const rest = utcSecond - days * DAY_SECONDS;
  const minutes = Math.floor(rest / 60);
  // Put together from parts: a run asks for this once a command, and a Date and its text cost ten times as much.
  return `${days === 0 ? date : neighbour(date, days)}T${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(rest % 60)}Z`;
}

const DAY_SECONDS = 86_400;

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function twoDigits(number: number): string {
  return TWO_DIGITS[number] ?? String(number);
}

/** The neighbouring dates asked for last: a day's commands ask for the same ones. */
let neighbours = { date: '', byDays: new Map<number, string>() };

function neighbour(date: string, days: number): string {
  if (neighbours.date !== date) neighbours = { date, byDays: new Map() };
  let found = neighbours.byDays.get(days);
  if (found === undefined) {
    found = addDays(date, days);
    neighbours.byDays.set(days, found);
  }
  return found;
}

const offsetsSeconds = new Map<string, Map<string, number>>();
const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAtNoonSeconds(date: string, timeZone: string): number {
  let byDate = offsetsSeconds.get(timeZone);
  if (!byDate) {
    byDate = new Map();
    offsetsSeconds.set(timeZone, byDate);
  }
  let offsetSeconds = byDate.get(date);
  if (offsetSeconds === undefined) {
    const noon = Date.parse(`${date}T12:00:00Z`);
    const local = formatOf(timeZone).format(noon).replace(' ', 'T');
    offsetSeconds = (Date.parse(`${local}Z`) - noon) / 1000;
    byDate.set(date, offsetSeconds);
  }
  return offsetSeconds;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const digits = {
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const;
    // sv-SE writes 2025-01-02 23:00:00, which is nearly ISO 8601.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', ...digits, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format;
}
