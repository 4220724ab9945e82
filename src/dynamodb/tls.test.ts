import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLIENT = fileURLToPath(new URL('client.ts', import.meta.url));
/** Asks twice, in a process of its own: what it trusts is settled when a process starts. */
const ASK = `
  const { createDynamoDb } = await import(${JSON.stringify(CLIENT)});
  const client = createDynamoDb();
  const get = () => client.send('GetItem', { TableName: 't', Key: {} });
  await get();
  console.log(JSON.stringify(await get()));`;

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())('over TLS', () => {
  let folder: string;
  let server: Server;
  let connections = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turing-tls-'));
    const request = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost';
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', ...request.split(' '), '-addext', 'subjectAltName=DNS:localhost', ...files], {
      stdio: 'ignore',
    });
    const [key, cert] = await Promise.all(['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name))));
    server = createServer({ key, cert }, (_, response) => void response.end('{"Item":{"pk":{"S":"x"}}}'));
    server.on('secureConnection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (host: string, trust: Record<string, string>) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', ASK], {
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
        AWS_ENDPOINT_URL_DYNAMODB: `https://${host}:${(server.address() as AddressInfo).port}`,
        ...trust,
      },
    });

  it('requests go over one connection, and the process ends though it is kept', async () => {
    const { stdout } = await ask('localhost', { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') });
    expect(JSON.parse(stdout)).toEqual({ Item: { pk: { S: 'x' } } });
    expect(connections).toBe(1);
  });

  it('a server that nobody vouches for, or of another name, is not spoken to', async () => {
    await expect(ask('localhost', {})).rejects.toThrow(/Cannot connect: self.signed certificate/);
    await expect(ask('127.0.0.1', { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') })).rejects.toThrow(
      /does not match certificate|IP: 127.0.0.1 is not in/,
    );
  });
});
