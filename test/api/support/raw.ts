import { connect, type Socket } from 'node:net';

/** Opens a connection to a server, as a client that keeps to nothing. Resolves once it is there. */
export function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Everything that the server says until it closes, or until the text is as wanted. */
export function heard(socket: Socket, until: (text: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until(text)) done();
    });
    socket.on('error', done);
    socket.on('end', done);
    socket.on('close', done);
    socket.resume();
  });
}

/** Sends bytes as they are, and listens until the server closes. */
export async function exchange(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = await open(url);
  const answer = heard(socket);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return answer;
}

/** Status codes of the answers in a text, in order. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}
