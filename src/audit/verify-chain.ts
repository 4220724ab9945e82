import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** A place in a chain and the hash that it had when somebody wrote that down: a commit's head, or a head in a digest. */
export interface ChainPoint {
  seq: number;
  /** 64 lower-case hex digits. */
  hash: string;
}

export interface ChainFault {
  /** Full name, such as `CU_DIGITAL#chain#07`. */
  chain: string;
  /** Where the chain stops being what it was, as far as that can be told: the points in between say how closely. */
  seq: number;
  reason: string;
}

export interface ChainVerification {
  /** The last event that was read, and what the lines up to it hash to. */
  seq: number;
  hash: string;
  /** The first fault. Nothing after it was looked at. */
  fault?: ChainFault;
}

const NEWLINE = 0x0a;
const HASH_CHARACTERS = 64;
/** A commit's lines have 300 KB together. */
const LINE_MAX_BYTES = 1024 * 1024;
const SEQ_FIELD = '{"seq":';

/**
 * Verifies a chain from its genesis to its head, from the very bytes that were hashed: one line an event, each ended by a
 * newline. It needs nothing but them, the chain's name and the points; what the events mean is not looked at, but for their
 * numbers, which the format puts first in a line.
 * @param options.chain the full name, from which the first hash comes
 * @param options.lines in pieces of any length
 * @param options.points by rising seq; the last is the chain's head, where the lines must end
 * @throws RangeError when the points do not rise
 */
export async function verifyChain(options: {
  chain: string;
  lines: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  points: readonly ChainPoint[];
}): Promise<ChainVerification> {
  const check = new LineCheck(options.chain, options.points);
  for await (const bytes of options.lines) {
    check.take(bytes);
    if (check.fault) break;
  }
  return check.end();
}

class LineCheck {
  fault: ChainFault | undefined;
  readonly #chain: string;
  readonly #points: readonly ChainPoint[];
  #nextPoint = 0;
  /** Up to where the lines are known to be those that were hashed. */
  #soundSeq = 0;
  #seq = 0;
  #hash: string;
  /** What came of a line whose end has not come yet. */
  #rest: Uint8Array = Buffer.alloc(0);

  constructor(chain: string, points: readonly ChainPoint[]) {
    if (points.some(({ seq }, index) => seq < (points[index - 1]?.seq ?? 0)))
      throw new RangeError('Cannot verify a chain by points that do not rise');
    this.#chain = chain;
    this.#points = points;
    this.#hash = hash('sha256', chain, 'hex');
    this.#checkPoint();
  }

  take(bytes: Uint8Array): void {
    // Before each line there must be room for the hash of the line before it, so that both are hashed where they stand: the
    // copy's first bytes, and later the bytes of lines that are done with.
    const size = HASH_CHARACTERS + this.#rest.length + bytes.length;
    const work = Buffer.allocUnsafe(size);
    work.set(this.#rest, HASH_CHARACTERS);
    work.set(bytes, HASH_CHARACTERS + this.#rest.length);
    let start = HASH_CHARACTERS;
    for (let end = work.indexOf(NEWLINE, start); end >= 0 && !this.fault; end = work.indexOf(NEWLINE, start)) {
      this.#line(work, start, end);
      start = end + 1;
    }
    this.#rest = work.subarray(start);
    if (this.#rest.length > LINE_MAX_BYTES)
      this.#report(this.#seq + 1, `Line ${this.#seq + 1} is longer than any event`);
  }

  end(): ChainVerification {
    if (!this.fault && this.#rest.length > 0)
      this.#report(this.#seq + 1, 'The last line is cut off: no newline ends it');
    const head = this.#points.at(-1);
    if (!this.fault && head && head.seq > this.#seq)
      this.#report(
        this.#seq + 1,
        `The chain is cut off: its head is at seq ${head.seq}, its lines end at ${this.#seq}`,
      );
    return { seq: this.#seq, hash: this.#hash, ...(this.fault && { fault: this.fault }) };
  }

  #line(work: Buffer, start: number, end: number): void {
    const seq = this.#seq + 1;
    if (this.#nextPoint >= this.#points.length) {
      this.#report(seq, `The chain goes on after its head at seq ${this.#seq}`);
      return;
    }
    const due = `${SEQ_FIELD}${seq},`;
    if (work.toString('latin1', start, Math.min(start + due.length, end)) !== due) {
      this.#report(seq, reasonOfSeq(work.toString('latin1', start, Math.min(start + 40, end)), seq));
      return;
    }
    work.write(this.#hash, start - HASH_CHARACTERS, 'latin1');
    this.#hash = hash('sha256', work.subarray(start - HASH_CHARACTERS, end), 'hex');
    this.#seq = seq;
    this.#checkPoint();
  }

  #checkPoint(): void {
    for (let point = this.#points[this.#nextPoint]; point?.seq === this.#seq; point = this.#points[this.#nextPoint]) {
      if (point.hash !== this.#hash) {
        this.#report(this.#soundSeq + 1, this.#reasonOfHash());
        return;
      }
      this.#soundSeq = this.#seq;
      this.#nextPoint += 1;
    }
  }

  #reasonOfHash(): string {
    if (this.#seq === 0) return 'The chain begins with another hash than its name gives';
    const first = this.#soundSeq + 1;
    const lines =
      first === this.#seq
        ? `Line ${first} is not the one that was`
        : `The lines ${first} to ${this.#seq} are not those that were`;
    return first === 1 ? `${lines} hashed, or not this chain’s` : `${lines} hashed`;
  }

  #report(seq: number, reason: string): void {
    this.fault ??= { chain: this.#chain, seq, reason };
  }
}

function reasonOfSeq(beginning: string, due: number): string {
  const seq = /^\{"seq":(\d+),/.exec(beginning)?.[1];
  return seq === undefined
    ? `Line ${due} does not begin with its number`
    : `Line ${due} has seq ${seq}: ${Number(seq) > due ? 'lines before it are missing' : 'lines stand twice or in another order'}`;
}
