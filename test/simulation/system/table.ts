import type { Item } from '../../../src/dynamodb/wire.ts';

export interface Stored {
  item: Item;
  /** The sort key as text. */
  sort: string;
  /** When it was written. */
  atMs: number;
}

export interface Key {
  pk: string;
  sk: string;
}

export function keyOf(item: Item): Key {
  return { pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? item['sk']?.N ?? '' };
}

/** Items by partition, each partition in the order of its sort keys: of numbers where they are numbers, else of texts. */
export class Table {
  readonly #partitions = new Map<string, Stored[]>();

  get({ pk, sk }: Key): Stored | undefined {
    return this.#partitions.get(pk)?.find(({ sort }) => sort === sk);
  }

  partition(pk: string): readonly Stored[] {
    return this.#partitions.get(pk) ?? [];
  }

  all(): Stored[] {
    return [...this.#partitions.values()].flat();
  }

  put(item: Item, atMs: number): void {
    const { pk, sk } = keyOf(item);
    const stored: Stored = { item, sort: sk, atMs };
    const partition = this.#partitions.get(pk) ?? [];
    this.#partitions.set(pk, partition);
    const numbers = item['sk']?.N !== undefined;
    // What is new mostly comes last.
    let at = partition.length;
    for (let before = partition[at - 1]; before; before = partition[at - 1]) {
      if (before.sort === sk) {
        partition[at - 1] = stored;
        return;
      }
      if (numbers ? Number(before.sort) < Number(sk) : before.sort < sk) break;
      at -= 1;
    }
    partition.splice(at, 0, stored);
  }

  delete({ pk, sk }: Key): void {
    const left = this.partition(pk).filter(({ sort }) => sort !== sk);
    if (left.length > 0) this.#partitions.set(pk, left);
    else this.#partitions.delete(pk);
  }
}
