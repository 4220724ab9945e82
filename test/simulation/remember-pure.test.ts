import zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { rememberPureResults } from './run/remember-pure.ts';

it('what was unpacked with one dictionary is not given for another of the same length', () => {
  const dictionaries = ['one', 'two'].map((word) => Buffer.from(`${word} `.repeat(100)));
  const [first, second] = dictionaries;
  const packed = zlib.zstdCompressSync(first!, { dictionary: first! });
  // It says how much of the dictionary to copy, whatever that holds.
  const unpack = (dictionary: Buffer) => zlib.zstdDecompressSync(packed, { dictionary, maxOutputLength: 1_000 });
  const before = dictionaries.map(unpack);
  expect(before).toEqual([first, second]);
  rememberPureResults();
  for (let time = 0; time < 2; time += 1) expect(dictionaries.map(unpack)).toEqual(before);
  // The same bytes elsewhere are the same dictionary.
  expect(unpack(Buffer.from(second!))).toEqual(second);
});
