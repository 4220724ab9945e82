import { expect, test } from 'vitest';
import { createTerminal } from './terminal.ts';

function terminal(options: { isTTY: boolean; env?: Record<string, string>; columns?: number }) {
  let written = '';
  const stream = { write: (text: string) => (written += text), isTTY: options.isTTY, columns: options.columns ?? 80 };
  return { ...createTerminal({ stdout: stream, stderr: stream, env: options.env ?? {} }), text: () => written };
}

test('a terminal gets a live line, which the next line replaces, and colours', () => {
  const { live, note, noteStyle, text, interactive } = terminal({ isTTY: true });
  live('one');
  live('two');
  note(noteStyle.good('done'));
  expect(interactive).toBe(true);
  expect(text()).toBe('\r\u001b[2Kone\r\u001b[2Ktwo\r\u001b[2K\u001b[32mdone\u001b[39m\n');
});

test('a live line is cut before it wraps', () => {
  const { live, text } = terminal({ isTTY: true, columns: 5 });
  live('longer');
  expect(text()).toBe('\r\u001b[2Klong');
});

test.each([{ isTTY: false }, { isTTY: true, env: { CI: 'true' } }, { isTTY: true, env: { TERM: 'dumb' } }])(
  'no live line and no colours: %j',
  (options) => {
    const { live, out, outStyle, text, interactive } = terminal(options);
    live('one');
    out(outStyle.bold('done'));
    expect(interactive).toBe(false);
    expect(text()).toBe('done\n');
  },
);

test('NO_COLOR takes the colours only', () => {
  const { live, outStyle, text } = terminal({ isTTY: true, env: { NO_COLOR: '1' } });
  live('one');
  expect([outStyle.bad('x'), text()]).toEqual(['x', '\r\u001b[2Kone']);
  expect(terminal({ isTTY: true, env: { NO_COLOR: '' } }).outStyle.bad('x')).not.toBe('x');
});

test('what is data steers no terminal: it is shown, and JSON stays what it says', () => {
  const hostile = 'a\u001b]0;title\u0007\u001b[2J\rb\u009b31m\u202ec\u0008\u007f\u2066\u200f';
  const harmless = 'a\\u001b]0;title\\u0007\\u001b[2J\\u000db\\u009b31m\\u202ec\\u0008\\u007f\\u2066\\u200f';
  const { out, note, live, outStyle, text } = terminal({ isTTY: true, columns: 200 });
  out(`${outStyle.bad('FAULT')} ${hostile}`);
  note(hostile);
  live(`${hostile}\nmore`);
  expect(text()).toBe(`\u001b[31mFAULT\u001b[39m ${harmless}\n${harmless}\n\r\u001b[2K${harmless} more`);
  const value = { [hostile]: hostile, lines: 'a\n\tb' };
  const json = terminal({ isTTY: false });
  json.out(JSON.stringify(value, undefined, 2));
  expect(JSON.parse(json.text())).toEqual(value);
  for (const sign of '\u001b\u0007\r\u009b\u202e') expect(json.text()).not.toContain(sign);
});
