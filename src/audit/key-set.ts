const WORDS = 4;
const WORD_LENGTH = 8;
const SLOTS_AT_FIRST = 256;

/**
 * A set of 128-bit numbers in hex, exact and small: an audit remembers every idempotency key of a ledger, in a quarter of the
 * memory that texts would take.
 */
export class KeySet {
  /** Open addressing: four words a slot, all zero where it is free. */
  #words = new Uint32Array(SLOTS_AT_FIRST * WORDS);
  #size = 0;
  #hasZero = false;

  /**
   * @param key 32 lower-case hex digits
   * @returns whether it is new
   */
  add(key: string): boolean {
    const [a, b, c, d] = [wordOf(key, 0), wordOf(key, 1), wordOf(key, 2), wordOf(key, 3)];
    if ((a | b | c | d) === 0) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    if (this.#size * 2 * WORDS >= this.#words.length) this.#grow();
    const isNew = put(this.#words, a, b, c, d);
    if (isNew) this.#size += 1;
    return isNew;
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      const [a = 0, b = 0, c = 0, d = 0] = [before[at], before[at + 1], before[at + 2], before[at + 3]];
      if ((a | b | c | d) !== 0) put(this.#words, a, b, c, d);
    }
  }
}

function wordOf(key: string, word: number): number {
  return Number.parseInt(key.slice(word * WORD_LENGTH, (word + 1) * WORD_LENGTH), 16);
}

/** @returns whether it was not there */
function put(words: Uint32Array, a: number, b: number, c: number, d: number): boolean {
  const slots = words.length / WORDS;
  // The keys are digests: any of their bits are as good as a hash. Half of the slots are free.
  for (let slot = a % slots; ; slot = (slot + 1) % slots) {
    const at = slot * WORDS;
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return false;
    if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0) {
      words[at] = a;
      words[at + 1] = b;
      words[at + 2] = c;
      words[at + 3] = d;
      return true;
    }
  }
}
