import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTerminal } from '../terminal.ts';
import { openLedger } from './open-ledger.ts';

let server: Server;
let port: number;
let connections: number;
let answers: boolean;
beforeEach(async () => {
  connections = 0;
  answers = true;
  server = createServer((request, response) => {
    if (answers) response.writeHead(403).end('{}');
    else request.socket.destroy();
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const silent = { write: () => true };
function open(apiUrl: string, stop = new AbortController().signal) {
  const terminal = createTerminal({ stdout: silent, stderr: silent, env: {} });
  return openLedger({ tenantId: 'CU_A', apiUrl, token: 'secret' }, { terminal, env: {}, now: () => 0, stop });
}

test('an address that answers is taken, whatever it answers to nobody', async () => {
  await (await open(`http://127.0.0.1:${port}/v1`)).close();
  expect(connections).toBe(1);
});

test('an address that does not answer is told at once, with why: nothing is tried again', async () => {
  answers = false;
  const fix = expect.stringContaining('Give --api the address of a ledger');
  const address = `http://127.0.0.1:${port}/v1`;
  const message = expect.stringMatching(/^Cannot reach the API at http:\/\/127\.0\.0\.1:\d+\/v1: ./);
  await expect(open(address)).rejects.toMatchObject({ message, fix, exitCode: 1 });
  expect(connections).toBe(1);
  await expect(open(`https://127.0.0.1:${port}`)).rejects.toThrow('what listens there does not speak HTTPS');
  expect(connections).toBe(2);
  server.close();
  await expect(open(address)).rejects.toThrow(`API at ${address}: nothing listens there (ECONNREFUSED)`);
});

test('an address that no request may be sent to is told as that', async () => {
  await expect(open('http://127.0.0.1:1/v1')).rejects.toMatchObject({
    message: 'Cannot reach the API at http://127.0.0.1:1/v1: its port is one that no web request may be sent to',
    exitCode: 1,
  });
});

test('who has been asked to stop asks no more', async () => {
  await expect(open(`http://127.0.0.1:${port}`, AbortSignal.abort())).rejects.toThrow('Cancelled');
});
