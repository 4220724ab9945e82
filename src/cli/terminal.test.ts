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
