import { createHash, type Hash } from 'node:crypto';

interface Step {
  atMs: number;
  order: number;
  label: string;
  run: () => void;
}

/** Steps that are taken before the event loop comes round, which costs as much as a small step. */
const STEPS_A_ROUND = 64;
/** Characters of the trace that are hashed at once. */
const HASHED_AT_ONCE = 32_768;

/** Why a run ended: what was waited for has come, nothing is left to do, or it took too long. */
export type RunEnd = 'reached' | 'idle' | 'too long';

/**
 * Runs steps one by one in the order of a virtual clock. After each step everything that can go on without waiting for another
 * step has gone on: the event loop empties its queue of promises after each of its callbacks, and a step is a callback. So
 * nothing but the steps' order decides what happens, and that order follows from the seed.
 */
export class Scheduler {
  nowMs = 0;
  steps = 0;
  /** Lines that tell what happened, kept only where a person will read them. */
  readonly lines: string[] = [];
  readonly #keepsLines: boolean;
  readonly #hash: Hash = createHash('sha256');
  readonly #heap: Step[] = [];
  /** The end of the trace, not hashed yet. */
  #unhashed = '';
  #order = 0;

  constructor(options: { keepLines: boolean }) {
    this.#keepsLines = options.keepLines;
  }

  after(delayMs: number, label: string, run: () => void): void {
    const step = { atMs: this.nowMs + delayMs, order: (this.#order += 1), label, run };
    this.#heap.push(step);
    this.#rise(this.#heap.length - 1);
  }

  /** Writes down what happened. It belongs to the trace: two runs of a seed must tell the same. */
  note(text: string): void {
    const line = `${String(this.nowMs).padStart(7)} ${text}`;
    this.#unhashed += line;
    if (this.#unhashed.length >= HASHED_AT_ONCE) this.#flush();
    if (this.#keepsLines) this.lines.push(line);
  }

  /** @returns the SHA-256 of all that happened */
  traceHash(): string {
    this.#flush();
    return this.#hash.copy().digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#unhashed);
    this.#unhashed = '';
  }

  /** @param options.reached asked after each step */
  run(options: { reached: () => boolean; untilMs: number; maxSteps: number }): Promise<RunEnd> {
    const { reached, untilMs, maxSteps } = options;
    const lastStep = this.steps + maxSteps;
    return new Promise((resolve, reject) => {
      let over = false;
      let left = 0;
      const end = (settle: () => void): void => {
        over = true;
        settle();
      };
      const turn = (): void => {
        if (over) return;
        try {
          if (reached()) return end(() => resolve('reached'));
          const [next] = this.#heap;
          if (!next) return end(() => resolve('idle'));
          if (next.atMs > untilMs || this.steps >= lastStep) return end(() => resolve('too long'));
          this.#take();
          this.nowMs = next.atMs;
          this.steps += 1;
          if (next.label !== '') this.note(next.label);
          next.run();
        } catch (error) {
          return end(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
        left -= 1;
        if (left === 0) round();
      };
      const round = (): void => {
        left = STEPS_A_ROUND;
        for (let step = 0; step < STEPS_A_ROUND; step += 1) setImmediate(turn);
      };
      round();
    });
  }

  #take(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
  }

  #before(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (!one || !other) return one !== undefined;
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap as (Step | undefined)[];
    const moved = heap[a];
    heap[a] = heap[b];
    heap[b] = moved;
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= this.#heap.length) return;
      const child = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }
}
