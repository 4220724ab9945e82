import type { Remembered, Table } from './state.ts';

/** Commands of a chain that are remembered at the least. */
export const REMEMBERED_COMMANDS = 250_000;

/**
 * Remembers at least the last 250,000 commands of a chain and at most twice as many: two generations, of which the
 * older is dropped whole when the younger is full. So forgetting costs nothing, and depends on the events alone.
 */
export class RememberedCommands implements Table<Remembered> {
  #young = new Map<string, Remembered>();
  #old = new Map<string, Remembered>();
  readonly #capacity: number;

  constructor(capacity: number = REMEMBERED_COMMANDS) {
    this.#capacity = capacity;
  }

  get(key: string): Remembered | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Remembered): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
