import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader, BrokenAnswerError, type HttpAnswer } from './answer-reader.ts';

/** Reads bytes that come in pieces; all of them are given, as a connection would. */
function read(bytes: string, cuts: readonly number[] = []): HttpAnswer | undefined {
  const reader = new AnswerReader();
  const all = Buffer.from(bytes, 'latin1');
  const ends = [...new Set(cuts.map((cut) => cut % all.length))].toSorted((a, b) => a - b);
  let answer: HttpAnswer | undefined;
  let start = 0;
  for (const end of [...ends, all.length]) {
    if (end === start) continue;
    expect(answer).toBeUndefined();
    answer = reader.push(all.subarray(start, end));
    start = end;
  }
  return answer;
}

const WITH_LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-Amz-Crc32:  12 \r\n\r\n{"a":1}';
const IN_CHUNKS =
  'HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\nTrailer: z\r\n\r\n';
const AFTER_INTERIM = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n${WITH_LENGTH}`;

describe('an answer', () => {
  it.each([
    ['of known length', WITH_LENGTH, 200],
    ['in chunks', IN_CHUNKS, 400],
    ['after interim answers', AFTER_INTERIM, 200],
  ])('%s is read in whatever pieces it comes', (_, bytes, status) => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 40 }), (cuts) => {
        const answer = read(bytes, cuts);
        expect(answer).toMatchObject({ status, reusable: true });
        expect(answer?.body.toString()).toBe('{"a":1}');
      }),
    );
    expect(
      read(
        bytes,
        Array.from({ length: bytes.length }, (__, index) => index),
      )?.status,
    ).toBe(status);
  });

  it('has headers by their names in small letters', () => {
    expect(read(WITH_LENGTH)?.headers.get('x-amz-crc32')).toBe('12');
  });

  it.each([
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ])('with %s ends its connection', (_, bytes) => {
    expect(read(bytes)).toMatchObject({ reusable: false });
  });

  it('is not whole before its last byte', () => {
    for (const bytes of [WITH_LENGTH, IN_CHUNKS, AFTER_INTERIM]) {
      for (let end = 1; end < bytes.length; end += 1) expect(read(bytes.slice(0, end))).toBeUndefined();
    }
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n{}'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length in another base', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}'],
    ['a length beyond all measure', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['more than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\nContent-Length 2\r\n\r\n{}'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n'],
    ['a chunk beyond all measure', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n'],
    ['bytes after the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1'],
    ['a head without an end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
  ])('with %s is refused', (_, bytes) => {
    expect(() => read(bytes)).toThrow(BrokenAnswerError);
  });
});
