import type { World } from './world.ts';

/** The wall clock when a run begins. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/**
 * A process. All that it does goes through calls whose answers the scheduler brings, so that it dies by never getting another:
 * whatever waits in it never goes on.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly world: World;
  alive = true;
  /** Goes on to the end of what it does, without faults: what it may have overwritten only it can tell. */
  spared = false;
  /** Its wall clock runs so much ahead. */
  skewMs = 0;
  /** Calls under way. */
  calls = 0;
  readonly #deaths: (() => void)[] = [];
  #stillUntilMs = 0;

  constructor(name: string, world: World) {
    this.name = name;
    this.world = world;
  }

  /** The wall clock: it jumps. */
  wallMs(): number {
    return EPOCH_MS + this.world.scheduler.nowMs + this.skewMs;
  }

  wallTime = (): string => new Date(this.wallMs()).toISOString();

  kill(): void {
    this.world.scheduler.note(`${this.name} dies${this.calls > 0 ? ` with ${this.calls} calls under way` : ''}`);
    this.world.count(this.calls > 0 ? 'death with calls under way' : 'death of an idle process');
    this.alive = false;
    for (const told of this.#deaths) told();
  }

  onDeath(told: () => void): void {
    this.#deaths.push(told);
  }

  /** Stands still: nothing in it goes on until then, and it does not know. */
  pause(ms: number): void {
    this.#stillUntilMs = this.world.scheduler.nowMs + ms;
  }

  /** Lets something go on in this process, after a while. */
  later(delayMs: number, label: string, run: () => void): void {
    const { scheduler } = this.world;
    scheduler.after(delayMs, label, () => {
      if (!this.alive) return;
      const stillMs = this.#stillUntilMs - scheduler.nowMs;
      if (stillMs > 0) this.later(stillMs, '', run);
      else run();
    });
  }

  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.later(ms, '', resolve));
}
