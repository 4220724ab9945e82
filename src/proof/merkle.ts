import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/**
 * Merkle trees as RFC 6962 (section 2.1) defines them. Leaves are texts, taken as UTF-8; hashes are 64 lower-case hex digits.
 * The prefixes keep a node from ever being taken for a leaf.
 */
const LEAF_PREFIX = '\0';
const NODE_PREFIX = 1;
const HASH_BYTES = 32;

const EMPTY_ROOT = hash('sha256', '', 'hex');

/** SHA-256(0x00 ‖ leaf). */
function leafHash(leaf: string): string {
  return hash('sha256', LEAF_PREFIX + leaf, 'hex');
}

const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** SHA-256(0x01 ‖ left ‖ right). */
function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'hex');
  node.write(right, 1 + HASH_BYTES, 'hex');
  return hash('sha256', node, 'hex');
}

const hashLeaf = Buffer.alloc(1 + 2 * HASH_BYTES);

/** The root over leaves that come one by one: it keeps one hash for each bit of their number. */
export class GrowingTree {
  /** Roots of the full trees that the leaves fall into, the largest first. Bytes as Latin-1: half the work of hex digits. */
  #roots: string[] = [];
  #size = 0;

  add(leaf: string): void {
    this.#add(hash('sha256', LEAF_PREFIX + leaf, 'binary'));
  }

  /** Adds a leaf that is a hash, as its 64 hex digits; the same as `add`, only faster. */
  addHash(leaf: string): void {
    hashLeaf.write(leaf, 1, 'latin1');
    this.#add(hash('sha256', hashLeaf, 'binary'));
  }

  /** @returns the root over the leaves so far */
  root(): string {
    if (this.#roots.length === 0) return EMPTY_ROOT;
    return Buffer.from(
      this.#roots.reduceRight((right, left) => joined(left, right)),
      'latin1',
    ).toString('hex');
  }

  clear(): void {
    this.#roots = [];
    this.#size = 0;
  }

  #add(leaf: string): void {
    let root = leaf;
    // Two trees of the same size become one, as ones carry over when a binary number is counted up.
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2))
      root = joined(this.#roots.pop() ?? '', root);
    this.#roots.push(root);
    this.#size += 1;
  }
}

/** `nodeHash` of and as bytes in Latin-1. */
function joined(left: string, right: string): string {
  node.write(left, 1, 'latin1');
  node.write(right, 1 + HASH_BYTES, 'latin1');
  return hash('sha256', node, 'binary');
}

/** @returns the root over a list of leaves */
export function rootOf(leaves: readonly string[]): string {
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** A tree held whole, for inclusion paths. */
export class WholeTree {
  /** The hashes of the leaves, of the nodes over them, and so on; a hash without a partner goes up as it is. */
  readonly #levels: string[][];

  constructor(leaves: readonly string[]) {
    let level = leaves.map(leafHash);
    this.#levels = [level];
    while (level.length > 1) {
      const below = level;
      level = [];
      for (let at = 0; at < below.length; at += 2) {
        const [left = '', right] = [below[at], below[at + 1]];
        level.push(right === undefined ? left : nodeHash(left, right));
      }
      this.#levels.push(level);
    }
  }

  root(): string {
    return this.#levels.at(-1)?.[0] ?? EMPTY_ROOT;
  }

  /** @returns the hashes beside the way from a leaf up to the root, the lowest first */
  path(index: number): string[] {
    return this.#levels.flatMap((level, height) => {
      const at = Math.floor(index / 2 ** height);
      return level[at % 2 === 0 ? at + 1 : at - 1] ?? [];
    });
  }
}

/** The way from a leaf up to the root of a tree. */
export interface Inclusion {
  leaf: string;
  /** Place of the leaf, from 0. */
  index: number;
  /** Number of leaves in the tree. */
  size: number;
  path: readonly string[];
}

/** @returns the root to which a path leads (RFC 9162, section 2.1.3.2), or undefined where it fits no tree of that size */
export function rootByPath({ leaf, index, size, path }: Inclusion): string | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined;
  let [at, last] = [index, size - 1];
  let root = leafHash(leaf);
  for (const beside of path) {
    if (last === 0 || !/^[0-9a-f]{64}$/.test(beside)) return undefined;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(beside, root);
      // A last node without a partner went up as it was.
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      root = nodeHash(root, beside);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : undefined;
}
