import { Pool } from 'undici';

export interface Sent {
  /** 0 where there was no answer. */
  status: number;
  /** Commands that the answer calls accepted. */
  accepted: number;
  body: Buffer;
}

export interface Sender {
  /** Sends a body. Never rejects: what gets no answer has status 0, and the error's text as its body. */
  send(path: string, body: Buffer): Promise<Sent>;
  close(): Promise<void>;
}

const ACCEPTED_IN_BATCH = Buffer.from('"status":202');

/** Sends over keep-alive connections, with as little work on this side as there can be: answers are searched, not parsed. */
export function createSender(options: { url: string; prefix: string; token: string; connections: number }): Sender {
  const { url, prefix, token, connections } = options;
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return {
    send: (path, body) =>
      new Promise((resolve) => {
        let status = 0;
        const chunks: Buffer[] = [];
        pool.dispatch(
          { path: `${prefix}${path}`, method: 'POST', headers, body },
          {
            onRequestStart() {},
            onResponseStart(_controller, statusCode) {
              status = statusCode;
            },
            onResponseData(_controller, chunk) {
              chunks.push(chunk);
            },
            onResponseEnd() {
              const answer = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
              resolve({ status, accepted: status === 202 ? 1 : occurrences(answer, ACCEPTED_IN_BATCH), body: answer });
            },
            onResponseError(_controller, error) {
              resolve({ status: 0, accepted: 0, body: Buffer.from(String(error)) });
            },
          },
        );
      }),
    close: () => pool.close(),
  };
}

function occurrences(within: Buffer, what: Buffer): number {
  let count = 0;
  for (let at = within.indexOf(what); at >= 0; at = within.indexOf(what, at + what.length)) count++;
  return count;
}
