import { createSecretKey, createHmac, hash } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDb, type DynamoDb, type DynamoDbOptions } from './client.ts';
import { renewedCredentials } from './renewed-credentials.ts';
import {
  answerOf,
  errorAnswer,
  type Reply,
  startWireServer,
  type WireRequest,
  type WireServer,
} from './testing/wire-server.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const GET = { TableName: 't', Key: { pk: { S: 'é😀' } } } as const;
const ITEM = { Item: { pk: { S: 'é😀' } } };
const found: Reply = () => answerOf(ITEM);
const reset: Reply = (_, socket) => void socket.resetAndDestroy();

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.stop();
});

async function start(
  replies: [Reply, ...Reply[]],
  options: Partial<DynamoDbOptions> = {},
): Promise<{ server: WireServer; client: DynamoDb }> {
  const server = await startWireServer(...replies);
  const client = createDynamoDb({
    address: { region: 'us-east-1', endpoint: server.url },
    credentials: () => CREDENTIALS,
    random: () => 0,
    ...options,
  });
  opened.push({
    stop: async () => {
      client.close();
      await server.stop();
    },
  });
  return { server, client };
}

/** Signature of a request, from what came over the wire, by the words of the specification. */
function signatureOf({ headers, body }: WireRequest, secret: string): string {
  const [, day = '', region = '', service = '', names = ''] =
    /Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+),/.exec(
      headers['authorization'] ?? '',
    ) ?? [];
  const canonical = [
    'POST',
    '/',
    '',
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    hash('sha256', body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const hmac = (key: string | Buffer, text: string) =>
    createHmac('sha256', createSecretKey(Buffer.from(key)))
      .update(text)
      .digest();
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request');
  return hmac(key, `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${hash('sha256', canonical)}`).toString(
    'hex',
  );
}

describe('a request', () => {
  it('is signed JSON to the operation, and its answer comes back', async () => {
    const { server, client } = await start([found]);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    const [request] = server.requests as [WireRequest];
    expect(request.line).toBe('POST / HTTP/1.1');
    expect(JSON.parse(request.body)).toEqual(GET);
    expect(request.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      host: server.url.host,
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      'x-amz-security-token': 'token/+=',
    });
    const sentMs = Date.parse(
      (request.headers['x-amz-date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'),
    );
    expect(Math.abs(Date.now() - sentMs)).toBeLessThan(10_000);
    expect(request.headers['authorization']).toMatch(
      /SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, /,
    );
    expect(request.headers['authorization']).toContain(`Signature=${signatureOf(request, 'secret')}`);
  });

  it('is not sent without credentials, and the fault of their source is told', async () => {
    const { server, client } = await start([found], { credentials: () => Promise.reject(new Error('no role')) });
    await expect(client.send('GetItem', GET)).rejects.toThrow('no role');
    expect(server.requests).toHaveLength(0);
  });
});

describe('credentials', () => {
  const of = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
  const expired: Reply = () => errorAnswer('ExpiredTokenException');
  const usedBy = ({ requests }: WireServer) =>
    requests.map(({ headers }) => /Credential=(\w+)/.exec(headers['authorization'] ?? '')?.[1]);

  it('are asked for before each attempt', async () => {
    const [...given] = ['FIRST', 'SECOND', 'THIRD'];
    const { server, client } = await start([reset, reset, found], { credentials: () => of(given.shift() ?? '') });
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(usedBy(server)).toEqual(['FIRST', 'SECOND', 'THIRD']);
  });

  it('that the service calls expired are renewed, and the request is sent again', async () => {
    let made = 0;
    const ask = () => Promise.resolve({ ...of(`NUMBER${(made += 1)}`), expiresAtMs: Infinity });
    let nowMs = 0;
    const { server, client } = await start([found, expired, found], {
      credentials: renewedCredentials(ask, () => nowMs),
    });
    await client.send('GetItem', GET);
    nowMs = 60_000;
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(usedBy(server)).toEqual(['NUMBER1', 'NUMBER1', 'NUMBER2']);
  });

  it('are renewed once for a call, and by one for all: what is expired again is told', async () => {
    let made = 0;
    const ask = () => Promise.resolve({ ...of(`NUMBER${(made += 1)}`), expiresAtMs: Infinity });
    let nowMs = 0;
    const { server, client } = await start([found, expired], { credentials: renewedCredentials(ask, () => nowMs) });
    await client.send('GetItem', GET);
    nowMs = 60_000;
    const calls = await Promise.allSettled([client.send('GetItem', GET), client.send('GetItem', GET)]);
    for (const call of calls) expect(call).toMatchObject({ reason: { name: 'ExpiredTokenException' } });
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(usedBy(server)).toEqual(['NUMBER1', 'NUMBER1', 'NUMBER1', 'NUMBER2', 'NUMBER2', 'NUMBER2']);
    expect(made).toBe(2);
  });

  it('are renewed once for a call, though there be others without end', async () => {
    let made = 0;
    const { server, client } = await start([expired], { credentials: () => of(`NUMBER${(made += 1)}`) });
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(server.requests).toHaveLength(2);
  });

  it('of which there are no others are not tried twice', async () => {
    const { server, client } = await start([expired, found]);
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    expect(server.requests).toHaveLength(1);
  });

  it('that do not come in time end the call, and what comes late serves the next', async () => {
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof of>>();
    const { server, client } = await start([found], { credentials: () => promise });
    await expect(client.send('GetItem', GET, { timeoutMs: 30 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requests).toHaveLength(0);
    resolve(of('LATE'));
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(usedBy(server)).toEqual(['LATE']);
  });
});

describe('connections', () => {
  it('are kept, as many as there are requests at a time', async () => {
    const { server, client } = await start([found]);
    for (let round = 0; round < 3; round += 1)
      await Promise.all(Array.from({ length: 4 }, () => client.send('GetItem', GET)));
    expect(server.connections()).toBe(4);
    await client.send('GetItem', GET);
    expect(server.connections()).toBe(4);
  });

  it('are not more than they may be: requests wait for one', async () => {
    const { server, client } = await start([found], { maxConnections: 2 });
    const all = await Promise.all(Array.from({ length: 20 }, () => client.send('GetItem', GET)));
    expect(all).toHaveLength(20);
    expect(server.connections()).toBe(2);
  });

  it('that fail make room for those who wait', async () => {
    const { client } = await start([reset, reset, found], { maxConnections: 1 });
    const all = await Promise.all(Array.from({ length: 5 }, () => client.send('GetItem', GET)));
    expect(all).toHaveLength(5);
  });

  it('that the server closes after an answer are not used again', async () => {
    const { server, client } = await start([
      (_, socket) => void socket.end(answerOf(ITEM)),
      () => answerOf(ITEM, { headers: { Connection: 'close' } }),
      found,
    ]);
    await client.send('GetItem', GET);
    await sleep(20); // The end has come by then.
    await client.send('GetItem', GET);
    await client.send('GetItem', GET);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2, 3]);
  });

  it('that end when they are used again are replaced at once', async () => {
    const random = () => {
      throw new Error('No delay is drawn');
    };
    const { server, client } = await start([found, reset, found], { random });
    await client.send('GetItem', GET);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('that end under a request that waited for them are replaced at once', async () => {
    const random = () => {
      throw new Error('No delay is drawn');
    };
    const { server, client } = await start([found, reset, found], { random, maxConnections: 1 });
    expect(await Promise.all([client.send('GetItem', GET), client.send('GetItem', GET)])).toEqual([ITEM, ITEM]);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('that were idle for long are left before the server does it, those in use are not', async () => {
    const slow: Reply = (_, socket) => void setTimeout(() => socket.write(answerOf(ITEM)), 60);
    const { server, client } = await start([slow, found], { idleMaxMs: 20 });
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    await client.send('GetItem', GET);
    expect(server.connections()).toBe(1);
    await vi.waitFor(() => expect(server.open()).toBe(0));
    await client.send('GetItem', GET);
    expect(server.connections()).toBe(2);
  });

  it('that the server wants to leave sooner are left sooner', async () => {
    const { server, client } = await start([() => answerOf(ITEM, { headers: { 'Keep-Alive': 'timeout=1' } }), found]);
    await client.send('GetItem', GET);
    await vi.waitFor(() => expect(server.open()).toBe(0));
    await client.send('GetItem', GET);
    expect(server.connections()).toBe(2);
  });

  it('on which something comes that nobody asked for are not used again', async () => {
    const late = answerOf({ Item: { pk: { S: 'of another' } } });
    const { server, client } = await start([
      (_, socket) => {
        setTimeout(() => socket.write(late), 10);
        return answerOf(ITEM);
      },
      found,
    ]);
    await client.send('GetItem', GET);
    await sleep(50);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(server.connections()).toBe(2);
  });

  it('are ended by close, and so is what is under way', async () => {
    const { client } = await start([() => undefined], { maxAttempts: 1 });
    const answer = client.send('GetItem', GET);
    await sleep(20);
    client.close();
    await expect(answer).rejects.toMatchObject({ name: 'ConnectionLostError' });
  });
});

describe('an answer', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  const LENGTH_2 = 'Content-Length: 2\r\n';
  const CHUNKED = 'Transfer-Encoding: chunked\r\n';
  const body = JSON.stringify(ITEM);
  const inPieces =
    (bytes: string): Reply =>
    (_, socket) =>
      void (async () => {
        for (const byte of Buffer.from(bytes)) {
          socket.write(Buffer.of(byte));
          await nextTurn();
        }
      })();
  const chunks = Array.from(body, (each) => `${Buffer.byteLength(each).toString(16)};x=y\r\n${each}\r\n`).join('');

  it.each([
    ['of known length', answerOf(ITEM)],
    ['in chunks', `${OK}${CHUNKED}\r\n${chunks}0\r\nTrailer: z\r\n\r\n`],
    ['after interim answers', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n${answerOf(ITEM)}`],
  ])('%s is read, in one piece and byte by byte, and its connection is kept', async (_, bytes) => {
    const { server, client } = await start([() => bytes, inPieces(bytes)]);
    for (let call = 0; call < 3; call += 1) expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(server.connections()).toBe(1);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no length', `${OK}\r\n{}`],
    ['a length that is none', `${OK}Content-Length: -1\r\n\r\n`],
    ['a length in another base', `${OK}Content-Length: 0x2\r\n\r\n{}`],
    ['two lengths', `${OK}${LENGTH_2}Content-Length: 3\r\n\r\n{}`],
    ['a length and chunks', `${OK}${LENGTH_2}${CHUNKED}\r\n{}`],
    ['another coding', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['more than its length', `${OK}${LENGTH_2}\r\n{}{}`],
    ['a header without a name', `${OK}Content-Length 2\r\n\r\n{}`],
    ['a chunk without a size', `${OK}${CHUNKED}\r\n\r\n{}\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${OK}${CHUNKED}\r\n1\r\n{}\r\n0\r\n\r\n`],
    ['a head without an end', `${OK}${'X: y\r\n'.repeat(20_000)}`],
    ['a body beyond all measure', `${OK}Content-Length: 99999999\r\n\r\n${' '.repeat(68_000_000)}`],
  ])('with %s is refused', async (_, bytes) => {
    const { client } = await start([() => bytes], { maxAttempts: 1 });
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'BrokenAnswerError' });
  });

  it.each([
    ['a torn one', answerOf(ITEM).slice(0, -5)],
    ['a torn head', answerOf(ITEM).slice(0, 25)],
    ['a torn chunk', `${OK}${CHUNKED}\r\n5\r\n{`],
    ['chunks without their last', `${OK}${CHUNKED}\r\n2\r\n{}\r\n`],
    ['another protocol in its place', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('%s is a lost connection, that of a kept one too, which was not stale', async (_, bytes) => {
    const torn: Reply = (__, socket) => void socket.end(bytes);
    const { client } = await start([torn, found, torn], { maxAttempts: 1 });
    const lost = {
      name: 'ConnectionLostError',
      stale: false,
      message: expect.stringMatching(/^The connection was lost before the answer/) as unknown,
    };
    await expect(client.send('GetItem', GET)).rejects.toMatchObject(lost);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    await expect(client.send('GetItem', GET)).rejects.toMatchObject(lost);
  });
});

describe('an error', () => {
  it.each([
    ['ConditionalCheckFailedException', 400],
    ['TransactionConflictException', 400],
    ['ValidationException', 400],
    ['AccessDeniedException', 400],
    ['ResourceNotFoundException', 400],
    ['UnrecognizedClientException', 400],
  ])('%s is told by its name, at once', async (name, status) => {
    const { server, client } = await start([() => errorAnswer(name, { status })]);
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({
      name,
      status,
      message: `Told: ${name}`,
      requestId: 'request-1',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('of a transaction comes with a reason for each item', async () => {
    const CancellationReasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'The conditional…' }];
    const { client } = await start([
      () => errorAnswer('TransactionCanceledException', { more: { CancellationReasons } }),
    ]);
    await expect(
      client.send('TransactWriteItems', { TransactItems: [], ClientRequestToken: 'x' }),
    ).rejects.toMatchObject({ name: 'TransactionCanceledException', cancellationReasons: CancellationReasons });
  });

  it('takes its words from the field that access refusals spell in capitals, or from the status', async () => {
    const { client } = await start([
      () => answerOf({ __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'User: …' }, { status: 400 }),
      () => answerOf('<html>', { status: 413 }),
      () => answerOf('null', { status: 404 }),
    ]);
    await expect(client.send('GetItem', GET)).rejects.toThrow('User: …');
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'UnknownError', status: 413 });
    await expect(client.send('GetItem', GET)).rejects.toThrow('The service answered 404');
  });
});

describe('what passes', () => {
  const faults: [string, Reply][] = [
    ['500', () => errorAnswer('InternalServerError', { status: 500 })],
    ['a page of a load balancer', () => answerOf('<html>503</html>', { status: 503 })],
    ['throttling', () => errorAnswer('ProvisionedThroughputExceededException')],
    ['throttling by another name', () => errorAnswer('ThrottlingException')],
    ['a transaction in progress', () => errorAnswer('TransactionInProgressException')],
    ['a reset connection', reset],
    ['a closed connection', (_, socket) => void socket.end()],
    ['a torn answer', (_, socket) => void socket.end(answerOf(ITEM).slice(0, -5))],
    ['a torn head', (_, socket) => void socket.end(answerOf(ITEM).slice(0, 25))],
    ['a wrong checksum', () => answerOf(ITEM, { headers: { 'x-amz-crc32': '1' } })],
    ['what is not HTTP', () => 'hello\r\n\r\n'],
  ];

  it.each(faults)('is tried again: %s', async (_, fault) => {
    const { server, client } = await start([fault, fault, fault, found]);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(server.requests).toHaveLength(4);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
  });

  it.each(faults)('is told after four attempts: %s', async (_, fault) => {
    const { server, client } = await start([fault]);
    await expect(client.send('GetItem', GET)).rejects.toThrow(Error);
    expect(server.requests).toHaveLength(4);
  });

  it('does not include an answer that is no JSON: it was given', async () => {
    const { server, client } = await start([() => answerOf('{"Item":')]);
    await expect(client.send('GetItem', GET)).rejects.toMatchObject({ name: 'BrokenAnswerError' });
    expect(server.requests).toHaveLength(1);
  });

  it('is told when nobody listens', async () => {
    const { server, client } = await start([found]);
    await server.stop();
    await expect(client.send('GetItem', GET)).rejects.toThrow(/Cannot connect: .*ECONNREFUSED/);
  });
});

describe('time', () => {
  const silent: Reply = () => undefined;
  const soon = { timeoutMs: 60 };

  it('runs out on a server that says nothing, and its late answer goes to nobody', async () => {
    const { server, client } = await start([
      (_, socket) => void setTimeout(() => socket.write(answerOf({ Item: { pk: { S: 'late' } } })), 120),
      found,
    ]);
    await expect(client.send('GetItem', GET, soon)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requests).toHaveLength(1);
    await sleep(150);
    expect(await client.send('GetItem', GET)).toEqual(ITEM);
    expect(server.connections()).toBe(2);
  });

  it('runs out in the middle of an answer', async () => {
    const { client } = await start([() => answerOf(ITEM).slice(0, -3)]);
    await expect(client.send('GetItem', GET, soon)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('runs out while waiting for a connection, and the next in line gets it', async () => {
    const { server, client } = await start(
      [(_, socket) => void setTimeout(() => socket.write(answerOf(ITEM)), 150), found],
      {
        maxConnections: 1,
      },
    );
    const first = client.send('GetItem', GET);
    const second = client.send('GetItem', GET, soon);
    const third = client.send('GetItem', GET);
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await Promise.all([first, third])).toEqual([ITEM, ITEM]);
    expect(server.requests).toHaveLength(2);
    expect(server.connections()).toBe(1);
  });

  it('runs out between attempts', async () => {
    const { server, client } = await start([() => errorAnswer('ThrottlingException')], { random: () => 1 });
    await expect(client.send('GetItem', GET, soon)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requests).toHaveLength(1);
  });

  it('is for all attempts together', async () => {
    const { server, client } = await start([reset, silent]);
    await expect(client.send('GetItem', GET, soon)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(server.requests).toHaveLength(2);
  });
});
