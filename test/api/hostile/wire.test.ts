import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { move } from '../../support/ledger.ts';
import { type Bench, COMMANDS, startBench, TENANT } from '../support/bench.ts';
import { exchange, statusesIn } from '../support/raw.ts';

const CHAINS = `/v1/tenants/${TENANT}/chains`;

let bench: Bench;
let url: string;
let token: string;
let heads: unknown;

beforeAll(async () => {
  bench = await startBench();
  url = bench.cloud.cloud.apiUrl;
  token = await bench.cloud.token();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  heads = await bench.journal();
});

const lines = (...all: string[]) => all.join('\r\n');
const good = () => `Authorization: Bearer ${token}`;
const entry = () => JSON.stringify(move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id: crypto.randomUUID() }));
const hidden = () =>
  lines(
    `POST ${COMMANDS} HTTP/1.1`,
    'Host: a',
    good(),
    'Content-Type: application/json',
    `Content-Length: ${entry().length}`,
    '',
    entry(),
  );
const post = (headers: string[], body: string, path = COMMANDS) =>
  lines(`POST ${path} HTTP/1.1`, 'Host: a', good(), 'Content-Type: application/json', ...headers, '', body);
const get = (headers: string[] = [], target = CHAINS) =>
  lines(`GET ${target} HTTP/1.1`, 'Host: a', good(), ...headers, '', '');
const chunked = (...parts: string[]) => post(['Transfer-Encoding: chunked'], parts.join(''));
const hex = (text: string) => text.length.toString(16);

/** What is sent, and the status of every answer until the server closes. A second one would be to a smuggled request. */
const REFUSED: [string, () => string, number[]][] = [
  // where a request ends
  [
    'a length and chunks',
    () => post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden()}`),
    [400],
  ],
  [
    'chunks and a length',
    () => post(['Transfer-Encoding: chunked', `Content-Length: ${hidden().length + 5}`], `0\r\n\r\n${hidden()}`),
    [400],
  ],
  ['two lengths', () => post(['Content-Length: 0', `Content-Length: ${hidden().length}`], hidden()), [400]],
  [
    'the same length twice',
    () => post([`Content-Length: ${entry().length}`, `Content-Length: ${entry().length}`], entry()),
    [400],
  ],
  ['a list of lengths', () => post(['Content-Length: 0, 10'], hidden()), [400]],
  ['a negative length', () => post(['Content-Length: -1'], hidden()), [400]],
  ['a length with a sign', () => post(['Content-Length: +5'], 'hello'), [400]],
  ['a length in hexadecimal', () => post(['Content-Length: 0x5'], 'hello'), [400]],
  ['a length beyond every number', () => post(['Content-Length: 99999999999999999999999'], 'hello'), [400]],
  ['an unknown transfer coding', () => post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${hidden()}`), [400]],
  ['chunks, then something else', () => post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${hidden()}`), [400]],
  ['a blank before the colon', () => post(['Transfer-Encoding : chunked'], `0\r\n\r\n${hidden()}`), [400]],
  ['a folded header', () => post(['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${hidden()}`), [400]],
  ['a vertical tab in a header', () => post(['Transfer-Encoding: \vchunked'], `0\r\n\r\n${hidden()}`), [400]],
  ['a chunk of no size', () => chunked('ZZ\r\nhello\r\n0\r\n\r\n'), [400]],
  ['a chunk of a negative size', () => chunked('-5\r\nhello\r\n0\r\n\r\n'), [400]],
  ['a chunk of 0x5', () => chunked('0x5\r\nhello\r\n0\r\n\r\n'), [400]],
  ['a chunk beyond every number', () => chunked('fffffffffffffffff\r\nhello\r\n0\r\n\r\n'), [400]],
  ['a chunk longer than it says', () => chunked(`2\r\n${entry()}\r\n0\r\n\r\n`), [400]],
  ['a chunk ended by a line feed', () => chunked(`${hex(entry())}\n${entry()}\n0\n\n`), [400]],
  ['endless extensions of a chunk', () => chunked(`1;${'x'.repeat(40_000)}\r\n`), [413]],
  ['endless trailers', () => chunked(`0\r\n${'x: y\r\n'.repeat(10_000)}\r\n`), [431]],
  // lines and headers
  ['CRLF in the path', () => get([], `${CHAINS}\r\nX-Injected: 1`), [400]],
  ['a blank in the path', () => get([], `${CHAINS} x`), [400]],
  ['an escape in the path', () => get([], `/v1/\u001b[31m`), [400]],
  ['NUL in the path', () => get([], `/v1/\u0000`), [400]],
  ['NUL in a header', () => get(['X-A: a\u0000b']), [400]],
  ['CR in a header', () => get(['X-A: a\rX-B: b']), [400]],
  ['a line feed alone', () => get(['X-A: a\nX-B: b']), [400]],
  ['a header without a name', () => get([': a']), [400]],
  ['a header without a colon', () => get(['nonsense']), [400]],
  ['a header’s name of two words', () => get(['X A: a']), [400]],
  ['no host', () => lines(`GET ${CHAINS} HTTP/1.1`, good(), '', ''), [400]],
  ['two hosts', () => get(['Host: b', 'Connection: close']), [400]],
  ['HTTP/9.9', () => lines(`GET ${CHAINS} HTTP/9.9`, '', ''), [400]],
  ['HTTP/0.9', () => `GET ${CHAINS}\r\n\r\n`, [400]],
  ['HTTP/2 at once', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ['TLS', () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003', [400]],
  ['an unknown method', () => lines(`STEAL ${CHAINS} HTTP/1.1`, 'Host: a', '', ''), [400]],
  ['a method in small letters', () => lines(`get ${CHAINS} HTTP/1.1`, 'Host: a', '', ''), [400]],
  ['a good request, then nonsense', () => `${get()}nonsense\r\n\r\n`, []],
  // floods
  ['5,000 headers', () => get(Array.from({ length: 5_000 }, (_, index) => `h${index}: x`)), [431]],
  ['one huge header', () => get([`X-A: ${'a'.repeat(1_000_000)}`]), [431]],
  ['one huge header’s name', () => get([`${'a'.repeat(1_000_000)}: x`]), [431]],
  ['a huge path', () => get([], `/${'a'.repeat(1_000_000)}`), [431]],
  ['endless cookies', () => get(Array.from({ length: 200 }, () => `Cookie: ${'a'.repeat(100)}`)), [431]],
  ['two authorizations, the first good', () => get(['Authorization: Bearer other', 'Connection: close']), [401]],
  ['the same authorization twice', () => get([good(), 'Connection: close']), [401]],
  [
    'two content types',
    () => post(['Content-Type: text/plain', `Content-Length: ${entry().length}`, 'Connection: close'], entry()),
    [400],
  ],
  ['an unknown expectation', () => get(['Expect: miracles', 'Connection: close']), [417]],
  // other ways to ask
  ['a whole address', () => get(['Connection: close'], `http://elsewhere.example.com${CHAINS}`), [404]],
  ['an address of the engine', () => get(['Connection: close'], 'http://127.0.0.1:8000/'), [404]],
  ['two slashes first', () => get(['Connection: close'], `//evil.example.com${CHAINS}`), [404]],
  ['a tunnel', () => lines('CONNECT 127.0.0.1:22 HTTP/1.1', 'Host: a', '', ''), []],
];

/** Odd, and answered like others. */
const ANSWERED: [string, () => string, number[]][] = [
  [
    'an upgrade to a web socket',
    () =>
      get(['Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA==', 'Sec-WebSocket-Version: 13']),
    [200],
  ],
  [
    'an upgrade to HTTP/2',
    () => get(['Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']),
    [200],
  ],
  [
    'headers called as every object’s members',
    () => get(['__proto__: x', 'constructor: y', 'toString: z', 'Connection: close']),
    [200],
  ],
  [
    'another method in a header',
    () => get(['X-HTTP-Method-Override: DELETE', 'X-Method: POST', 'Connection: close']),
    [200],
  ],
  [
    'another path in a header',
    () => get(['X-Original-URL: /admin', 'X-Rewrite-URL: /v1/tenants/CU_OTHER/chains', 'Connection: close']),
    [200],
  ],
  [
    'a body where none is wanted',
    () => lines(`GET ${CHAINS} HTTP/1.1`, 'Host: a', good(), 'Content-Length: 5', 'Connection: close', '', 'hello'),
    [200],
  ],
  ['two requests in one piece', () => get() + get(['Connection: close']), [200, 200]],
  ['HTTP/1.0 without a host', () => lines(`GET ${CHAINS} HTTP/1.0`, good(), '', ''), [200]],
];

describe('on the wire', () => {
  it.each(REFUSED)('%s: refused, nothing is written, and the server goes on', async (_, bytes, statuses) => {
    const answer = await exchange(url, bytes());
    expect([statusesIn(answer), answer]).toEqual([
      statuses,
      expect.not.stringMatching(/X-Injected|node:|\bat \S+ \(/i),
    ]);
    expect(await bench.journal()).toEqual(heads);
  });

  it.each(ANSWERED)('%s: answered', async (_, bytes, statuses) => {
    expect(statusesIn(await exchange(url, bytes()))).toEqual(statuses);
  });
});
