import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { move } from '../../support/ledger.ts';
import { type Bench, COMMANDS, startBench, TENANT } from '../support/bench.ts';
import { exchange, heard, open, statusesIn } from '../support/raw.ts';

/** Small, so that they are met: the usual ones are in src/local/http/limits.ts. */
const LIMITS = {
  headersMs: 600,
  requestMs: 1_500,
  idleMs: 2_000,
  checkMs: 50,
  lingerMs: 300,
  connections: 40,
  pipelined: 8,
  bodiesBytes: 4 * 1024 * 1024,
  answersBytes: 16 * 1024 * 1024,
};
const CHAINS = `/v1/tenants/${TENANT}/chains`;

let bench: Bench;
let url: string;
let token: string;

beforeAll(async () => {
  bench = await startBench({ httpLimits: LIMITS });
  url = bench.cloud.cloud.apiUrl;
  token = await bench.cloud.token();
});
afterAll(() => bench.stop());

const head = (first: string, ...headers: string[]) =>
  [first, 'Host: a', `Authorization: Bearer ${token}`, ...headers, '', ''].join('\r\n');
const get = (...headers: string[]) => head(`GET ${CHAINS} HTTP/1.1`, ...headers);
const post = (...headers: string[]) => head(`POST ${COMMANDS} HTTP/1.1`, 'Content-Type: application/json', ...headers);
const entry = () => JSON.stringify(move('GL_SALARY', bench.values['accountId'] ?? '', 1, { id: crypto.randomUUID() }));
const isAlive = async () => (await bench.send({ method: 'GET', path: CHAINS })).status === 200;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a byte at a time until the connection is closed. @returns what the server said */
async function drip(socket: Socket, bytes: string, everyMs: number): Promise<string> {
  const answer = heard(socket);
  for (const byte of bytes) {
    if (!socket.writable) break;
    socket.write(byte);
    await sleep(everyMs);
  }
  return answer;
}

describe('a connection', () => {
  it.each<[string, () => string, string]>([
    ['says nothing', () => '', ''],
    ['sends its headers a byte at a time', () => 'GET / HTTP/1.1\r\n', `X-A: ${'a'.repeat(1_000)}`],
    ['never ends its headers', () => get().slice(0, -2), ''],
    ['sends its body a byte at a time', () => post('Content-Length: 9999'), '{'.repeat(9_999)],
    ['sends chunks of a byte', () => post('Transfer-Encoding: chunked'), '1\r\nx\r\n'.repeat(2_000)],
    ['never sends its body', () => post('Content-Length: 9999'), ''],
  ])('that %s is closed with 408, and nothing is written', async (_, first, rest) => {
    const before = await bench.journal();
    const socket = await open(url);
    socket.write(first());
    expect(statusesIn(await drip(socket, rest, 20))).toEqual([408]);
    expect(await bench.journal()).toEqual(before);
  });

  it('that was slow before is as good as others, once it has said all', async () => {
    const text = post('Connection: close', `Content-Length: ${entry().length}`) + entry();
    const socket = await open(url);
    const answer = heard(socket);
    for (let at = 0; at < text.length; at += 200) {
      socket.write(text.slice(at, at + 200));
      await sleep(20);
    }
    expect(statusesIn(await answer)).toEqual([202]);
  });

  it('that is closed on one side may miss its answer: the same command again tells what became of it', async () => {
    const text = entry();
    const request = post(`Content-Length: ${text.length}`, 'Connection: close') + text;
    const socket = await open(url);
    const answer = heard(socket);
    socket.end(request);
    expect([[], [202]]).toContainEqual(statusesIn(await answer));
    expect(statusesIn(await exchange(url, request))).toEqual([202]);
    const before = await bench.journal();
    expect(statusesIn(await exchange(url, request))).toEqual([202]);
    expect(await bench.journal()).toEqual(before);
  });

  it('that is closed in the middle of a body, or broken, writes nothing', async () => {
    const before = await bench.journal();
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = await open(url);
      const answer = heard(socket);
      socket.write(post(`Content-Length: ${entry().length}`) + entry().slice(0, -1), () => socket[leave]());
      expect(statusesIn(await answer).every((status) => status === 400)).toBe(true);
    }
    expect(await bench.journal()).toEqual(before);
  });

  it('that does not read what it asked for is closed', async () => {
    const socket = await open(url);
    socket.pause();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // More answers than the buffers on the way take.
    const docs = ['GET /docs/reference.js HTTP/1.1', 'Host: a', '', ''].join('\r\n');
    socket.write(docs.repeat(8));
    socket.on('error', () => undefined);
    // Bytes that still went into the buffers on the way count as something that went.
    await sleep(2 * LIMITS.idleMs + 1_000);
    socket.resume();
    socket.on('end', () => socket.destroy());
    await closed;
    expect(socket.bytesRead).toBeLessThan(LIMITS.answersBytes);
    expect(await isAlive()).toBe(true);
  });

  it('that does not read is not given more than there is room for, nor anybody for it', async () => {
    const docs = (...headers: string[]) =>
      ['GET /docs/reference.js HTTP/1.1', 'Host: a', ...headers, '', ''].join('\r\n');
    const sockets = await Promise.all([1, 2].map(() => open(url)));
    for (const socket of sockets) {
      socket.on('error', () => undefined).pause();
      socket.write(docs().repeat(LIMITS.pipelined - 1) + docs('Connection: close'));
    }
    await sleep(LIMITS.idleMs / 2);
    // What comes through once they do read: large answers as far as there was room, refusals for the others.
    const answers = await Promise.all(sockets.map((socket) => heard(socket)));
    const statuses = answers.flatMap(statusesIn);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(await isAlive()).toBe(true);
  });

  it('may send requests ahead of the answers, which come in order, but not without end', async () => {
    const some = await exchange(url, get().repeat(LIMITS.pipelined - 1) + get('Connection: close'));
    expect(statusesIn(some)).toEqual(Array.from({ length: LIMITS.pipelined }, () => 200));
    const before = await bench.journal();
    const flood = await exchange(url, get().repeat(2_000) + get('Connection: close'));
    const many = statusesIn(flood);
    expect(many.slice(0, LIMITS.pipelined)).toEqual(Array.from({ length: LIMITS.pipelined }, () => 200));
    expect(new Set(many)).toEqual(new Set([200, 503]));
    expect(many.length).toBeLessThanOrEqual(2_001);
    expect(await isAlive()).toBe(true);
    expect(await bench.journal()).toEqual(before);
  });

  it('is one of so many: more are closed as they come, and there is room again once those are gone', async () => {
    expect(await isAlive()).toBe(true);
    const sockets = await Promise.all(Array.from({ length: LIMITS.connections + 20 }, () => open(url)));
    const answers = await Promise.all(sockets.map((socket) => heard(socket)));
    const refused = answers.filter((answer) => answer === '');
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(answers.filter((answer) => answer !== '').every((answer) => statusesIn(answer)[0] === 408)).toBe(true);
    expect(await isAlive()).toBe(true);
  });
});

describe('a body', () => {
  it('without end is answered with 413 at once, and the connection closed', async () => {
    const before = await bench.journal();
    for (const headers of [['Transfer-Encoding: chunked'], ['Content-Length: 99999999999']]) {
      const socket = await open(url);
      const answer = heard(socket);
      const megabyte = Buffer.alloc(1024 * 1024, 'x');
      socket.write(post(...headers));
      let sent = 0;
      while (socket.writable && sent < 2_000) {
        if (headers[0]?.startsWith('T')) socket.write('100000\r\n');
        const isRoom = socket.write(megabyte);
        if (headers[0]?.startsWith('T')) socket.write('\r\n');
        sent += 1;
        await (isRoom ? sleep(0) : Promise.race([new Promise((resolve) => socket.once('drain', resolve)), sleep(100)]));
      }
      // Chunks fill the room for bodies before they are too many.
      expect([[413], [503]]).toContainEqual(statusesIn(await answer));
      expect(sent).toBeLessThan(2_000);
    }
    expect(await bench.journal()).toEqual(before);
  });

  it('waits for others to go: more at a time than there is room for are answered with 503 and Retry-After', async () => {
    const before = await bench.journal();
    const quarter = LIMITS.bodiesBytes / 4;
    const begun = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const socket = await open(url);
        const answer = heard(socket);
        socket.write(post(`Content-Length: ${quarter + 1}`) + 'x'.repeat(quarter));
        return answer;
      }),
    );
    const statuses = begun.flatMap(statusesIn).toSorted((a, b) => a - b);
    expect(statuses).toEqual([408, 408, 408, 408, 503, 503]);
    expect(begun.filter((answer) => / 503 /.test(answer)).every((answer) => /retry-after: 1/i.test(answer))).toBe(true);
    expect(await bench.journal()).toEqual(before);
    expect(await isAlive()).toBe(true);
  });
});
