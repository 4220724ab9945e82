import { CommandLog } from './command-log.ts';
import type { Remembered, Table } from './state.ts';

/** Commands of a chain that are remembered at the least. */
export const REMEMBERED_COMMANDS = 250_000;

/** What is remembered, as `CommandLog` packs it: the pieces of the older generation and of the younger. */
export interface RememberedPieces {
  old: Uint32Array[];
  young: Uint32Array[];
}

/**
 * Remembers at least the last 250,000 commands of a chain and at most twice as many: two generations, of which the
 * older is dropped whole when the younger is full. So forgetting costs nothing, and depends on the events alone.
 */
export class RememberedCommands implements Table<Remembered> {
  #young: CommandLog;
  #old: CommandLog;
  /** Commands of a generation. */
  readonly capacity: number;

  constructor(capacity: number = REMEMBERED_COMMANDS, { old, young }: RememberedPieces = { old: [], young: [] }) {
    this.capacity = capacity;
    this.#old = CommandLog.ofPieces(old);
    this.#young = CommandLog.ofPieces(young);
  }

  /** @param key 32 lower-case hex digits */
  get(key: string): Remembered | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Remembered): void {
    if (this.#young.size >= this.capacity) {
      this.#old = this.#young;
      this.#young = new CommandLog();
    }
    this.#young.set(key, value);
  }

  /** @returns what makes the same memory again. The younger generation changes with it: copy what is to stay. */
  pieces(): RememberedPieces {
    return { old: this.#old.pieces(), young: this.#young.pieces() };
  }
}
