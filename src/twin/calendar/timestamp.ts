/**
 * The instant of a local time of day, as ISO 8601 in UTC.
 * The offset of the zone is taken at noon, so a time within hours of a change to daylight saving may be an hour off:
 * the twin does nothing before 03:00.
 * @param second second of the day, local
 */
export function timestampOf(options: { date: string; second: number; timeZone: string }): string {
  const offsetMs = offsetAtNoonMs(options.date, options.timeZone);
  const time = Date.parse(`${options.date}T00:00:00Z`) + options.second * 1000 - offsetMs;
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

const offsetsMs = new Map<string, number>();
const formats = new Map<string, Intl.DateTimeFormat>();

function offsetAtNoonMs(date: string, timeZone: string): number {
  const key = `${timeZone}|${date}`;
  let offsetMs = offsetsMs.get(key);
  if (offsetMs === undefined) {
    const noon = Date.parse(`${date}T12:00:00Z`);
    const local = formatOf(timeZone).format(noon).replace(' ', 'T');
    offsetMs = Date.parse(`${local}Z`) - noon;
    offsetsMs.set(key, offsetMs);
  }
  return offsetMs;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const twoDigits = {
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    } as const;
    // sv-SE writes 2025-01-02 23:00:00, which is nearly ISO 8601.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', ...twoDigits, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  return format;
}
