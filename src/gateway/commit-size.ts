import { utf8Bytes } from '../contract/primitives.ts';

/** Bytes in UTF-8 that one unit of a text (UTF-16) can take at the most. */
const BYTES_A_UNIT = 3;

/**
 * How large lines are together, in UTF-8 with a newline each. Commits are mostly far below their limits, whatever characters
 * they hold: bytes are counted only where that does not settle it, and each line once.
 */
export class CommitSize {
  #bytes = 0;
  #uncounted: string[] = [];
  #units = 0;

  add(line: string): void {
    this.#uncounted.push(line);
    this.#units += line.length + 1;
  }

  hasRoomFor(lines: readonly string[], maxBytes: number): boolean {
    const units = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (this.#bytes + BYTES_A_UNIT * (this.#units + units) <= maxBytes) return true;
    this.#bytes += bytesOf(this.#uncounted);
    this.#uncounted = [];
    this.#units = 0;
    return this.#bytes + bytesOf(lines) <= maxBytes;
  }
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + utf8Bytes(line) + 1, 0);
}
