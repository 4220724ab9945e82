/** Why a text is no JSON that says one thing only. The message is for the sender. */
export class JsonFault extends Error {}

/**
 * Parses JSON, and refuses what parsers read in different ways: a member given twice, of which `JSON.parse` keeps the last and
 * others the first, and a member named `__proto__`, which some take for the object's prototype. Whoever checked the request on
 * its way, or wrote it, must have read what the ledger reads.
 * @throws JsonFault
 */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JsonFault(`The body is no JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : 'unreadable'}`);
  }
  if (membersOf(value) !== writtenMembers(text)) throw new JsonFault('An object of the body has a member twice');
  return value;
}

/** Counts the members of all objects, without recursion: hostile nesting must not exhaust the stack. */
function membersOf(root: unknown): number {
  let members = 0;
  const left: object[] = isObject(root) ? [root] : [];
  for (let value = left.pop(); value; value = left.pop()) {
    if (Array.isArray(value)) {
      for (const each of value) if (isObject(each)) left.push(each);
      continue;
    }
    for (const name in value) {
      if (name === '__proto__') throw new JsonFault('An object of the body has a member "__proto__"');
      members += 1;
      const each: unknown = value[name as keyof typeof value];
      if (isObject(each)) left.push(each);
    }
  }
  return members;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const QUOTE = '"';
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Counts the members that a text has, which is JSON: the strings in it that a colon follows. */
function writtenMembers(text: string): number {
  let members = 0;
  for (let start = text.indexOf(QUOTE); start >= 0;) {
    let after = endOfString(text, start) + 1;
    while (isBlank(text.charCodeAt(after))) after += 1;
    if (text.charCodeAt(after) === COLON) members += 1;
    start = text.indexOf(QUOTE, after);
  }
  return members;
}

/** @returns where the quote stands that ends the string: the next one after an even number of backslashes */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf(QUOTE, start + 1); ; quote = text.indexOf(QUOTE, quote + 1)) {
    let before = quote;
    while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 0) return quote;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
