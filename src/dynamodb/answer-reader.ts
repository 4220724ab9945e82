/** An HTTP answer, read whole. */
export interface HttpAnswer {
  status: number;
  /** Names in small letters. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** Whether the connection can carry another request. */
  reusable: boolean;
}

/** An answer that breaks the protocol. What becomes of the request is as unknown as after no answer at all. */
export class BrokenAnswerError extends Error {
  constructor(reason: string) {
    super(`Cannot read the answer: ${reason}`);
    this.name = 'BrokenAnswerError';
  }
}

/** An endpoint's heads take less than 1 KB, its answers at most 16 MB. */
const HEAD_MAX_BYTES = 64 * 1024;
const BODY_MAX_BYTES = 64 * 1024 * 1024;
const END_OF_HEAD = '\r\n\r\n';
const EMPTY: Buffer = Buffer.alloc(0);

interface Head {
  status: number;
  headers: Map<string, string>;
  reusable: boolean;
}

/**
 * Reads one answer to a POST, HTTP/1.1 (RFC 9112): a body of known length or in chunks, after any interim answers. An answer
 * without either is one that cannot be told from a torn one, and refused.
 */
export class AnswerReader {
  #received = EMPTY;
  #parts: Buffer[] = [];
  #size = 0;
  #head: Head | undefined;
  /** Of a body of known length. */
  #length = 0;
  #chunked = false;

  /** @returns the answer when these bytes complete it. @throws BrokenAnswerError */
  push(bytes: Buffer): HttpAnswer | undefined {
    if (this.#head === undefined) {
      const rest = this.#readHead(this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]));
      if (rest === undefined) return undefined;
      bytes = rest;
    }
    return this.#chunked ? this.#readChunks(bytes) : this.#readLength(bytes);
  }

  /** @returns what follows the head; undefined while it is incomplete */
  #readHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(END_OF_HEAD, 0, 'latin1');
    if (end < 0 || end > HEAD_MAX_BYTES) {
      if (bytes.length > HEAD_MAX_BYTES) throw new BrokenAnswerError(`its head is longer than ${HEAD_MAX_BYTES} bytes`);
      this.#received = bytes;
      return undefined;
    }
    const head = parseHead(bytes.toString('latin1', 0, end));
    const rest = bytes.subarray(end + END_OF_HEAD.length);
    if (head.status < 200) {
      this.#received = EMPTY;
      return this.#readHead(rest);
    }
    this.#received = EMPTY;
    this.#head = head;
    const coding = head.headers.get('transfer-encoding');
    this.#chunked = coding !== undefined;
    if (coding !== undefined && coding.toLowerCase() !== 'chunked')
      throw new BrokenAnswerError(`its transfer coding is "${coding}"`);
    const length = head.headers.get('content-length');
    if (this.#chunked) {
      if (length !== undefined) throw new BrokenAnswerError('it has both a length and chunks');
      return rest;
    }
    this.#length = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : head.status === 204 ? 0 : -1;
    if (this.#length < 0 || this.#length > BODY_MAX_BYTES)
      throw new BrokenAnswerError(`its length is ${length === undefined ? 'missing' : `"${length}"`}`);
    return rest;
  }

  #readLength(bytes: Buffer): HttpAnswer | undefined {
    const size = this.#size + bytes.length;
    if (size > this.#length) throw new BrokenAnswerError('it is longer than it says');
    if (size === this.#length) return this.#whole(this.#size === 0 ? bytes : Buffer.concat([...this.#parts, bytes]));
    this.#parts.push(bytes);
    this.#size = size;
    return undefined;
  }

  /** Rare: what AWS and the engines answer has a length. */
  #readChunks(bytes: Buffer): HttpAnswer | undefined {
    let rest = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    for (;;) {
      const endOfLine = rest.indexOf('\r\n', 0, 'latin1');
      if (endOfLine < 0) break;
      const digits = /^([\da-f]{1,8})(?:[\t ]*;.*)?$/i.exec(rest.toString('latin1', 0, endOfLine))?.[1];
      if (digits === undefined) throw new BrokenAnswerError('a chunk has no size');
      const size = Number.parseInt(digits, 16);
      const start = endOfLine + 2;
      if (size === 0) {
        // Trailers, if any, end as a head does: with an empty line.
        const end = rest.indexOf(END_OF_HEAD, endOfLine, 'latin1');
        if (end < 0) break;
        if (end + END_OF_HEAD.length < rest.length) throw new BrokenAnswerError('it goes on after its end');
        return this.#whole(Buffer.concat(this.#parts));
      }
      if (this.#size + size > BODY_MAX_BYTES) throw new BrokenAnswerError(`it is longer than ${BODY_MAX_BYTES} bytes`);
      if (rest.length < start + size + 2) break;
      if (rest.toString('latin1', start + size, start + size + 2) !== '\r\n')
        throw new BrokenAnswerError('a chunk is longer than it says');
      this.#parts.push(rest.subarray(start, start + size));
      this.#size += size;
      rest = rest.subarray(start + size + 2);
    }
    if (rest.length > BODY_MAX_BYTES + HEAD_MAX_BYTES) throw new BrokenAnswerError('a chunk does not end');
    this.#received = rest;
    return undefined;
  }

  #whole(body: Buffer): HttpAnswer {
    if (this.#head === undefined) throw new Error('Expected a head before a body');
    return { ...this.#head, body };
  }
}

function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? [];
  if (status === undefined) throw new BrokenAnswerError('it is not HTTP/1.1');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new BrokenAnswerError('a header has no name');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (headers.has(name) && (name === 'content-length' || name === 'transfer-encoding'))
      throw new BrokenAnswerError(`it has two headers "${name}"`);
    headers.set(name, value);
  }
  const closing = /\bclose\b/i.test(headers.get('connection') ?? '');
  return { status: Number(status), headers, reusable: minor === '1' && !closing };
}
