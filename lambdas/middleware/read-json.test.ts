import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault, readJson } from './read-json.ts';

describe('readJson', () => {
  it('reads what JSON.parse reads, however it is written', () => {
    const written = fc.tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'));
    const texts = fc.sample(written, 200).map(([value, indent]) => JSON.stringify(value, undefined, indent));
    const read = texts.filter((text) => !text.includes('"__proto__"'));
    expect(read.map((text) => readJson(text))).toEqual(read.map((text) => JSON.parse(text) as unknown));
  });

  it.each([
    ['"text: \\": {"', 'text: ": {'],
    ['"\\\\"', '\\'],
    ['{"a\\\\" : 1, "\\\\\\"b":\n2}', { 'a\\': 1, '\\"b': 2 }],
    ['["a",{"b":"c"},":"]', ['a', { b: 'c' }, ':']],
    ['{"a":{"x":1},"b":{"x":1}}', { a: { x: 1 }, b: { x: 1 } }],
    ['null', null],
    ['7', 7],
  ])('reads %s', (text, value) => expect(readJson(text)).toEqual(value));

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"x":[{"y":{"a":{},"b":0,"a":{}}}]}',
    '{"":1, "" :2}',
    '{"__proto__":1}',
    '{"x":[{"\\u005f_proto__":{}}]}',
    '{"a":1',
    '',
  ])('refuses %s', (text) => expect(() => readJson(text)).toThrow(JsonFault));

  it('reads what is nested beyond any stack', () => {
    expect(readJson(`${'{"a":['.repeat(100_000)}${']}'.repeat(100_000)}`)).toBeTypeOf('object');
  });
});
