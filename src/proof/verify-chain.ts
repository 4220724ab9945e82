import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { GrowingTree } from './merkle.ts';

/** A place in a chain and the hash that it had when somebody wrote that down. */
export interface ChainPoint {
  seq: number;
  /** 64 lower-case hex digits. */
  hash: string;
  /** Who wrote it down, for reasons: `digest 12`. */
  by?: string;
  /** Merkle root over the hashes since the point before, as `Period` says. */
  root?: string;
}

/** Where a chain stops being what it was, as far as that can be told: the points in between say how closely. */
export interface LineFault {
  seq: number;
  /** The fault is one between `seq` and this; absent where it is at `seq`. */
  to?: number;
  reason: string;
}

export interface ChainVerification {
  /** The last event that was read, and what the lines up to it hash to. */
  seq: number;
  hash: string;
  /** The first fault. Nothing after it was looked at. */
  fault?: LineFault;
}

const NEWLINE = 0x0a;
const HASH_CHARACTERS = 64;
/** A commit's lines have 300 KB together. */
const LINE_MAX_BYTES = 1024 * 1024;
/** So that a longer rest of a line does not need another buffer at once. */
const ROOM_BYTES = 16 * 1024;
const SEQ_FIELD = '{"seq":';

/**
 * Verifies a chain from its genesis to its head, from the very bytes that were hashed: one line an event, each ended by a
 * newline. It needs nothing but them, the chain's name and the points; what the events mean is not looked at, but for their
 * numbers, which the format puts first in a line.
 * @param options.chain the full name, from which the first hash comes
 * @param options.lines in pieces of any length
 * @param options.points by rising seq; the last is the chain's head, where the lines must end; without any, the chain is empty
 * @param options.isOpen lines after the last point are no fault, and not looked at: it is not known where the chain ends
 * @throws RangeError when the points do not rise
 */
export async function verifyChain(options: {
  chain: string;
  lines: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  points: readonly ChainPoint[];
  isOpen?: boolean;
}): Promise<ChainVerification> {
  const check = new LineCheck(options);
  for await (const bytes of options.lines) {
    check.take(bytes);
    if (check.isDone) break;
  }
  return check.end();
}

class LineCheck {
  fault: LineFault | undefined;
  /** Nothing that comes is looked at any more. */
  isDone = false;
  readonly #isOpen: boolean;
  readonly #points: readonly ChainPoint[];
  #nextPoint = 0;
  /** Up to where the lines are known to be those that were hashed. */
  #soundSeq = 0;
  #seq = 0;
  #hash: string;
  /** The hashes since the last point. */
  readonly #period = new GrowingTree();
  /** What came of a line whose end has not come yet. */
  #rest: Uint8Array = Buffer.alloc(0);
  #buffer: Buffer = Buffer.alloc(0);

  constructor({ chain, points, isOpen = false }: { chain: string; points: readonly ChainPoint[]; isOpen?: boolean }) {
    if (points.some(({ seq }, index) => seq < (points[index - 1]?.seq ?? 0)))
      throw new RangeError('Cannot verify a chain by points that do not rise');
    this.#points = points;
    this.#isOpen = isOpen;
    this.#hash = hash('sha256', chain, 'hex');
    this.#checkPoint();
  }

  take(bytes: Uint8Array): void {
    // Before each line there must be room for the hash of the line before it, so that both are hashed where they stand: the
    // copy's first bytes, and later the bytes of lines that are done with.
    const rest = this.#rest; // Its bytes stand in the buffer that is used again.
    const size = HASH_CHARACTERS + rest.length + bytes.length;
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(size + ROOM_BYTES);
    const work = this.#buffer.subarray(0, size);
    work.set(rest, HASH_CHARACTERS);
    work.set(bytes, HASH_CHARACTERS + rest.length);
    let start = HASH_CHARACTERS;
    for (let end = work.indexOf(NEWLINE, start); end >= 0 && !this.isDone; end = work.indexOf(NEWLINE, start)) {
      this.#line(work, start, end);
      start = end + 1;
    }
    this.#rest = work.subarray(start);
    if (this.#rest.length > LINE_MAX_BYTES)
      this.#report(this.#seq + 1, `Line ${this.#seq + 1} is longer than any event`);
  }

  end(): ChainVerification {
    if (!this.isDone && this.#rest.length > 0)
      this.#report(this.#seq + 1, 'The last line is cut off: no newline ends it');
    const head = this.#points.at(-1);
    if (!this.fault && head && head.seq > this.#seq)
      // Lines since the last point are known by its hash alone: one of them may be missing as well.
      this.#report(
        this.#soundSeq + 1,
        `The chain is cut off: it ends at seq ${this.#seq}, ${byOf(head)} stands at seq ${head.seq}`,
        this.#seq + 1,
      );
    return { seq: this.#seq, hash: this.#hash, ...(this.fault && { fault: this.fault }) };
  }

  #line(work: Buffer, start: number, end: number): void {
    const seq = this.#seq + 1;
    const point = this.#points[this.#nextPoint];
    if (!point) {
      if (this.#isOpen) this.isDone = true;
      else this.#report(seq, `The chain goes on after its head at seq ${this.#seq}`);
      return;
    }
    if (end - start > LINE_MAX_BYTES) {
      this.#report(seq, `Line ${seq} is longer than any event`);
      return;
    }
    const due = `${SEQ_FIELD}${seq},`;
    if (work.toString('latin1', start, Math.min(start + due.length, end)) !== due) {
      this.#report(seq, `Line ${seq} does not begin with its number`);
      return;
    }
    work.write(this.#hash, start - HASH_CHARACTERS, 'latin1');
    this.#hash = hash('sha256', work.subarray(start - HASH_CHARACTERS, end), 'hex');
    this.#seq = seq;
    if (point.root !== undefined) this.#period.addHash(this.#hash);
    if (seq === point.seq) this.#checkPoint();
  }

  #checkPoint(): void {
    for (let point = this.#points[this.#nextPoint]; point?.seq === this.#seq; point = this.#points[this.#nextPoint]) {
      const wrong = point.hash === this.#hash ? this.#wrongRoot(point) : 'hash';
      if (wrong !== undefined) {
        const first = this.#soundSeq + 1;
        this.#report(first, `The lines do not give the ${wrong} in ${byOf(point)}`, this.#seq);
        return;
      }
      this.#soundSeq = this.#seq;
      this.#nextPoint += 1;
      this.#period.clear();
    }
  }

  #wrongRoot({ root }: ChainPoint): 'root' | undefined {
    return root === undefined || root === this.#period.root() ? undefined : 'root';
  }

  #report(seq: number, reason: string, to = seq): void {
    this.fault ??= { seq, ...(to > seq && { to }), reason };
    this.isDone = true;
  }
}

function byOf({ by }: ChainPoint): string {
  return by ?? 'the head';
}
