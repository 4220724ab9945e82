import type { Remembered } from './state.ts';

/** Words of a command: key 4, digest 4, then seq (53 bits, the low word first) and above it the number of events. */
export const COMMAND_WORDS = 10;
const SEQ_HIGH_BITS = 21;
const SEQ_HIGH_MASK = 2 ** SEQ_HIGH_BITS - 1;
const EVENTS_MAX = 2 ** (32 - SEQ_HIGH_BITS) - 1;

const PIECE_BITS = 13;
export const PIECE_COMMANDS = 2 ** PIECE_BITS;
const FIRST_COMMANDS = 16;

const FIRST_SLOTS = 32;
const MAX_LOAD = 0.5;
const NUMBER_BITS = 20;
const NUMBER_MASK = 2 ** NUMBER_BITS - 1;
const TAG_MASK = ~NUMBER_MASK;
const MAX_COMMANDS = NUMBER_MASK;

const HEX_DIGITS = 32;
const NIBBLES = new Uint8Array(128).fill(0xff);
for (let nibble = 0; nibble < 16; nibble += 1) NIBBLES[nibble.toString(16).charCodeAt(0)] = nibble;

/**
 * Commands of one generation in the order in which they came, packed into 32-bit words, and an index over their keys.
 * A command takes 40 bytes, its share of the index at most 10 where the log is large: an object in a `Map` takes 170, and
 * makes work for the garbage collector.
 */
export class CommandLog {
  /** Pieces of `PIECE_COMMANDS` commands, full but for the last, which has room to grow. */
  readonly #pieces: Uint32Array[] = [];
  /** Open addressing: 0, or the number of a command plus 1, with bits of its key above by which strangers are passed over. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param key 32 lower-case hex digits, as the digest. @throws RangeError for any other text */
  get(key: string): Remembered | undefined {
    checkLength(key);
    const number = this.#find(key, wordOf(key, 0), wordOf(key, 1));
    if (number < 0) return undefined;
    const { piece, at } = this.#place(number);
    const last = piece[at + 9] ?? 0;
    return {
      digest: [4, 5, 6, 7].map((word) => (piece[at + word] ?? 0).toString(16).padStart(8, '0')).join(''),
      seq: (last & SEQ_HIGH_MASK) * 2 ** 32 + (piece[at + 8] ?? 0),
      events: last >>> SEQ_HIGH_BITS,
    };
  }

  /** @throws RangeError when the log is full or the value has no place in it */
  set(key: string, { digest, seq, events }: Remembered): void {
    checkLength(key);
    checkLength(digest);
    if (!Number.isSafeInteger(seq) || seq < 0 || !Number.isSafeInteger(events) || events < 0 || events > EVENTS_MAX)
      throw new RangeError(`Cannot remember a command of ${events} events at seq ${seq}`);
    const [first, second] = [wordOf(key, 0), wordOf(key, 1)];
    let number = this.#find(key, first, second);
    const isNew = number < 0;
    if (isNew) {
      number = this.#size;
      if (number >= MAX_COMMANDS) throw new RangeError(`Cannot remember more than ${MAX_COMMANDS} commands`);
      this.#makeRoom(number);
    }
    const { piece, at } = this.#place(number);
    piece[at] = first;
    piece[at + 1] = second;
    piece[at + 2] = wordOf(key, 2);
    piece[at + 3] = wordOf(key, 3);
    for (let word = 0; word < 4; word += 1) piece[at + 4 + word] = wordOf(digest, word);
    piece[at + 8] = seq;
    piece[at + 9] = Math.floor(seq / 2 ** 32) | (events << SEQ_HIGH_BITS);
    if (!isNew) return;
    this.#size += 1;
    if (this.#size > this.#slots.length * MAX_LOAD) this.#index(this.#slots.length * 2);
    else insert(this.#slots, first, second, number);
  }

  /** @returns the commands as `ofPieces` takes them. They change with the log: copy what is to stay. */
  pieces(): Uint32Array[] {
    return this.#pieces.map((piece, index) => piece.subarray(0, (this.#size - index * PIECE_COMMANDS) * COMMAND_WORDS));
  }

  /** Makes a log that owns the pieces given. @throws RangeError when they are none of a log's */
  static ofPieces(pieces: readonly Uint32Array[]): CommandLog {
    const log = new CommandLog();
    for (const [index, piece] of pieces.entries()) {
      const commands = piece.length / COMMAND_WORDS;
      const full = index < pieces.length - 1;
      if (!Number.isInteger(commands) || commands > PIECE_COMMANDS || (full && commands < PIECE_COMMANDS))
        throw new RangeError(`Cannot read a log of commands: piece ${index} has ${piece.length} words`);
      log.#pieces.push(piece);
      log.#size += commands;
    }
    if (log.#size > MAX_COMMANDS) throw new RangeError(`Cannot read a log of ${log.#size} commands`);
    let slots = FIRST_SLOTS;
    while (log.#size > slots * MAX_LOAD) slots *= 2;
    log.#index(slots);
    return log;
  }

  /**
   * @param first the key's first word, and its second: read already, since most keys are asked for once and are not there
   * @returns the number of the command, or -1
   */
  #find(key: string, first: number, second: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    // The keys are digests, so their words will do as hashes. The step is of another word than the place, so that a sender
    // who looks for keys that collide has to match some 40 bits for each.
    const step = second | 1;
    for (let slot = first & mask; ; slot = (slot + step) & mask) {
      const entry = slots[slot] ?? 0;
      if (entry === 0) return -1;
      if (((entry ^ second) & TAG_MASK) === 0) {
        const number = (entry & NUMBER_MASK) - 1;
        const { piece, at } = this.#place(number);
        const same = piece[at] === first && piece[at + 1] === second;
        if (same && piece[at + 2] === wordOf(key, 2) && piece[at + 3] === wordOf(key, 3)) return number;
      }
    }
  }

  #place(number: number): { piece: Uint32Array; at: number } {
    const piece = this.#pieces[number >>> PIECE_BITS];
    if (!piece) throw new RangeError(`There is no command ${number} in the log`);
    return { piece, at: (number & (PIECE_COMMANDS - 1)) * COMMAND_WORDS };
  }

  #makeRoom(number: number): void {
    const index = number >>> PIECE_BITS;
    const end = ((number & (PIECE_COMMANDS - 1)) + 1) * COMMAND_WORDS;
    const piece = this.#pieces[index];
    if (piece && piece.length >= end) return;
    // A first piece begins small, for most chains of a small tenant; later ones fill up soon enough.
    const commands = index > 0 ? PIECE_COMMANDS : Math.min(PIECE_COMMANDS, Math.max(FIRST_COMMANDS, number * 2));
    const grown = new Uint32Array(commands * COMMAND_WORDS);
    if (piece) grown.set(piece);
    this.#pieces[index] = grown;
  }

  #index(length: number): void {
    const slots = new Uint32Array(length);
    for (const [index, piece] of this.#pieces.entries()) {
      const before = index * PIECE_COMMANDS;
      const end = Math.min(this.#size - before, PIECE_COMMANDS);
      for (let number = 0; number < end; number += 1) {
        const at = number * COMMAND_WORDS;
        insert(slots, piece[at] ?? 0, piece[at + 1] ?? 0, before + number);
      }
    }
    this.#slots = slots;
  }
}

/** Puts a command's number into the first slot that is free; its key must not be there. */
function insert(slots: Uint32Array, first: number, second: number, number: number): void {
  const mask = slots.length - 1;
  const step = second | 1;
  let slot = first & mask;
  while (slots[slot] !== 0) slot = (slot + step) & mask;
  slots[slot] = (second & TAG_MASK) | (number + 1);
}

function checkLength(text: string): void {
  if (text.length !== HEX_DIGITS) throw new RangeError(`Cannot read "${text}" as ${HEX_DIGITS} lower-case hex digits`);
}

/** Reads 8 of 32 hex digits. @throws RangeError when they are none */
function wordOf(text: string, index: number): number {
  let word = 0;
  let strange = 0;
  for (let at = index * 8; at < index * 8 + 8; at += 1) {
    const nibble = NIBBLES[text.charCodeAt(at)] ?? 0xff;
    strange |= nibble;
    word = (word << 4) | nibble;
  }
  if (strange > 0xf) throw new RangeError(`Cannot read "${text}" as ${HEX_DIGITS} lower-case hex digits`);
  return word >>> 0;
}
