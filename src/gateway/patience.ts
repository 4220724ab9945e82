import type { Timers } from './writer.ts';

/** How long the commands of one submission wait for their turn: one timer for all of them, whatever they wait for. */
export class Patience {
  readonly #waiting = new Set<() => void>();
  #isOver: boolean;

  /** @param ms 0 or less for none, `Infinity` for as long as it takes */
  constructor(ms: number, timers: Timers) {
    this.#isOver = ms <= 0;
    if (Number.isFinite(ms) && !this.#isOver) void timers.pause(ms).then(() => this.#end());
  }

  /**
   * Begins to wait.
   * @param tooLate called once, when the patience is over before the turn came
   * @returns what says that the turn has come
   */
  wait(tooLate: () => void): () => void {
    if (this.#isOver) {
      tooLate();
      return () => undefined;
    }
    this.#waiting.add(tooLate);
    return () => void this.#waiting.delete(tooLate);
  }

  #end(): void {
    this.#isOver = true;
    for (const tooLate of this.#waiting) tooLate();
    this.#waiting.clear();
  }
}
