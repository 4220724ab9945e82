import type { Row, RowKey } from '../row.ts';

/** How rows of one kind are named, and worked on. */
export interface RowForm<Work, Doc> {
  keyOf(id: string): RowKey<Doc>;
  /** @returns the working form of a row as it was read; nobody else holds the document */
  open(doc: Doc): Work;
  /** @returns the document of a working form, for writing */
  close(work: Work): Doc;
}

/** Rows that are worked on as they are stored. */
export function asStored<Doc>(keyOf: (id: string) => RowKey<Doc>): RowForm<Doc, Doc> {
  return { keyOf, open: (doc) => doc, close: (doc) => doc };
}

interface Slot<Work> {
  readonly id: string;
  loaded: boolean;
  changed: boolean;
  /** Undefined for a row that does not exist. */
  work: Work | undefined;
}

/**
 * Rows of one kind in memory, by id. They are changed in place: a copy for each event would cost more than all the rest. So
 * what a failed round leaves behind is of no use, and its owner drops it.
 */
export class RowTable<Work, Doc = Work> {
  readonly #form: RowForm<Work, Doc>;
  readonly #slots = new Map<string, Slot<Work>>();
  #wanted: Slot<Work>[] = [];
  #changed: Slot<Work>[] = [];
  /** The slot found last: an event's reducers and its monitor ask for the same row. */
  #last: Slot<Work> | undefined;

  constructor(form: RowForm<Work, Doc>) {
    this.#form = form;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Whether all rows that were asked for are in memory. */
  get complete(): boolean {
    return this.#wanted.length === 0;
  }

  /** Whether the row is in memory, or will be with the next load. */
  knows(id: string): boolean {
    return this.#slots.has(id);
  }

  /** Asks for a row with the next load. */
  want(id: string): void {
    if (this.#slots.has(id)) return;
    const slot: Slot<Work> = { id, loaded: false, changed: false, work: undefined };
    this.#slots.set(id, slot);
    this.#wanted.push(slot);
  }

  /**
   * Says that a row begins with the events at hand, so that none is read. One that a round left behind when it crashed holds
   * these events too, and is written over by what they make.
   */
  begin(id: string): void {
    if (!this.#slots.has(id)) this.#slots.set(id, { id, loaded: true, changed: false, work: undefined });
  }

  /** @returns the keys of the rows that were asked for and are not in memory, for `take` to bring in what is read there */
  missing(): RowKey<Doc>[] {
    return this.#wanted.map(({ id }) => this.#form.keyOf(id));
  }

  /** Takes the documents of the missing rows, in the same order; undefined for a row that does not exist. */
  take(docs: readonly unknown[]): void {
    for (const [index, slot] of this.#wanted.entries()) {
      const doc = docs[index];
      slot.work = doc === undefined ? undefined : this.#form.open(doc as Doc); // a row is of the type of its key
      slot.loaded = true;
    }
    this.#wanted = [];
  }

  /**
   * @returns the row, undefined where there is none; also for a row that nobody asked for, which is how a chain's accounts are
   * told from those of others
   */
  peek(id: string): Work | undefined {
    return this.#find(id)?.work;
  }

  /** @throws when the row was not loaded: a reducer reads what it asked for, no more */
  get(id: string): Work | undefined {
    const slot = this.#find(id);
    if (!slot?.loaded) throw new Error(`Cannot read row "${id}": it was not loaded`);
    return slot.work;
  }

  /** Says that a row was changed, by replacing it or in place. */
  put(id: string, work: Work): void {
    let slot = this.#find(id);
    if (!slot) {
      slot = { id, loaded: true, changed: false, work };
      this.#slots.set(id, slot);
    }
    slot.work = work;
    slot.loaded = true;
    if (slot.changed) return;
    slot.changed = true;
    this.#changed.push(slot);
  }

  /** @returns the rows that have changed since it was asked last */
  takeChanged(): Row[] {
    const rows: Row[] = [];
    for (const slot of this.#changed) {
      slot.changed = false;
      if (slot.work !== undefined) rows.push({ key: this.#form.keyOf(slot.id), doc: this.#form.close(slot.work) });
    }
    this.#changed = [];
    return rows;
  }

  #find(id: string): Slot<Work> | undefined {
    if (this.#last?.id === id) return this.#last;
    const slot = this.#slots.get(id);
    if (slot) this.#last = slot;
    return slot;
  }
}
