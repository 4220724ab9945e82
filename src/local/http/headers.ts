/**
 * A request's headers by lower-case name, as an HTTP API hands them over: those that come more than once are joined by commas.
 * Node keeps the first of some, `authorization` and `content-type` among them, and drops the others without a word.
 * @param raw names and values in turn, as they came
 */
export function headersOf(raw: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const before = headers.get(name);
    const value = raw[index + 1] ?? '';
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ','}${value}`);
  }
  // A header may be called `__proto__`: it becomes a property like others.
  return Object.fromEntries(headers);
}
