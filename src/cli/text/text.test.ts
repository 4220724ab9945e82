import { describe, expect, test } from 'vitest';
import { bytes, cents, count, duration, measure, money, usd } from './numbers.ts';
import { table } from './table.ts';

describe('numbers', () => {
  test.each([
    [count(37_500.4), '37,500'],
    [measure(3.14159), '3.1'],
    [measure(1234.5), '1,235'],
    [money(4_998_123.4, 'AUD'), 'A$4,998,123'],
    [money(1.5, 'NZD', 2), 'NZ$1.50'],
    [usd(0), 'US$0.00'],
    [usd(0.0123), 'US$0.0123'],
    [usd(0.000_001_234), 'US$0.00000123'],
    [usd(1234.5), 'US$1,234.50'],
    [cents(0.0123), 'US$0.0123'],
    [cents(0.00001), '<US$0.0001'],
    [cents(0), 'US$0.0000'],
    [duration(949.6), '950 ms'],
    [duration(12_345), '12.3 s'],
    [duration(59_999), '1 min 0 s'],
    [duration(75_000), '1 min 15 s'],
    [bytes(0), '0 B'],
    [bytes(1536), '1.5 KB'],
    [bytes(5 * 1024 ** 3), '5.0 GB'],
  ])('%s', (text, expected) => expect(text).toBe(expected));
});

test('a table aligns its columns and leaves no trailing spaces', () => {
  const columns = [{ title: 'name' }, { title: 'count', align: 'right' }, { title: '' }] as const;
  expect(
    table(columns, [
      ['entries', '37,500', ''],
      ['é', '5', 'x'],
    ]),
  ).toEqual(['  name      count', '  entries  37,500', '  é             5  x']);
});

test('a table without titles has no title line', () => {
  expect(table([{ title: '' }, { title: '' }], [['a', 'b']], '')).toEqual(['a  b']);
});
