import { sha256 } from '../journal/sha256.ts';
import type { Head } from '../proof/statement.ts';
import { digestCountKey, digestKey, digestRefusalKey, digestsPartition } from '../views/keys.ts';
import { createCopyReader } from './digest-copy.ts';
import type { AuditSource, StoredItem } from './source.ts';

/** What a digest was signed over, as its copy in the views has it. */
export interface SignedHeads {
  digest: number;
  /** Of all chains; seq 0 of one that had no event. */
  heads: readonly Head[];
}

/** The copies of a tenant's digests. They are no views of the journal: it is compared with them, not they with it. */
export interface DigestCopies {
  /**
   * Looks for the last copy that is sound.
   * @returns it, if there is one, and what is wrong with the last copies or with their count: each fault keeps a digest out of
   * the audit; `isNone` where no copy is known of, and so nothing is wrong with any
   */
  last(): Promise<{ signed: SignedHeads | undefined; faults: string[]; isNone: boolean }>;
  /**
   * Reads all copies up to the last one, page by page: each has to be sound by itself, and to name the one before it. To be asked
   * after `last`, and tells no fault again that is among its faults. Copies are only ever added, so those that a digest run makes
   * meanwhile are left out.
   * @returns for each copy what is wrong with it, undefined where nothing is; for several that are missing, one fault
   */
  each(): AsyncIterable<string | undefined>;
  /** @returns those rows of the copies' partition that have no place in it */
  odd(rows: readonly StoredItem[]): Promise<StoredItem[]>;
}

/** A digest's number has eight digits, and the first one is 1. */
const NUMBER = /^(?!0{8})\d{8}$/;
const NUMBER_MAX = 99_999_999;

/** Copies that are looked up, from the last one down, until one is sound. */
const LOOKED_UP_MAX = 4;

export function createDigestCopies(tenantId: string, source: Pick<AuditSource, 'viewRow' | 'viewPages'>): DigestCopies {
  const [countKey, refusalKey] = [digestCountKey(tenantId), digestRefusalKey(tenantId)];
  const read = createCopyReader(tenantId);
  /** Greatest number that a copy may have, as far as is known: more are made during the audit. */
  let most = 0;
  /** Number of the last copy that there was when it was looked for; and those of which it was told then what is wrong. */
  let lastNumber = 0;
  const told = new Set<number>();

  const copyAt = async (number: number): Promise<StoredItem | undefined> => {
    if (number < 1 || number > NUMBER_MAX) return undefined;
    const { pk, sk } = digestKey(tenantId, number);
    return source.viewRow(pk, sk);
  };

  /** @returns how many there are as they were counted, which is after they were copied; undefined where that cannot be read */
  const countNow = async (): Promise<number | undefined> => {
    const row = await source.viewRow(countKey.pk, countKey.sk);
    return row ? countIn(row) : 0;
  };

  /** Copies have no gaps: in wide steps forward, then in narrow ones. @returns the number of the last one, `from` if it is that */
  const lastAfter = async (from: number): Promise<number> => {
    let [last, step] = [from, 1];
    for (; await copyAt(last + step); step *= 2) last += step;
    for (step = Math.floor(step / 2); step >= 1; step = Math.floor(step / 2))
      if (await copyAt(last + step)) last += step;
    return last;
  };

  const soundFrom = async (number: number) => {
    const faults: string[] = [];
    for (let next = number; next > Math.max(number - LOOKED_UP_MAX, 0); next -= 1) {
      const row = await copyAt(next);
      const copy = row ? read(row, next) : { fault: 'is missing' };
      if (!('fault' in copy)) return { signed: { digest: next, heads: copy.heads }, faults };
      told.add(next);
      faults.push(`The copy of digest ${next} ${copy.fault}: no chain is compared with it`);
    }
    return { signed: undefined, faults };
  };

  /** Copies that are missing, but for those that it was told of: these are the last of all. */
  function* missing(from: number, upTo: number): Generator<string> {
    let to = upTo;
    while (to >= from && told.has(to)) to -= 1;
    if (to === from) yield `The copy of digest ${to} is missing`;
    if (to > from) yield `The copies of digests ${from} to ${to} are missing`;
  }

  return {
    async last() {
      const last = await lastAfter((await countNow()) ?? 0);
      // Counted again, as it may have been copied in between: by now all before it must be counted.
      const counted = await countNow();
      most = counted === undefined ? NUMBER_MAX : last;
      lastNumber = last;
      const { signed, faults } = await soundFrom(last);
      if (counted === undefined) faults.push('The count of the copies of digests cannot be read');
      else if (last > counted + 1)
        faults.push(`The count of the copies of digests is ${counted}, but there is one of digest ${last}`);
      if (signed || last === 0) return { signed, faults, isNone: last === 0 && faults.length === 0 };
      // The count may name what never was, and the first copies be there all the same: what is wrong with these, `each` tells.
      const { signed: found } = await soundFrom(await lastAfter(0));
      for (const number of told) if (number <= last - LOOKED_UP_MAX) told.delete(number);
      return { signed: found, faults, isNone: false };
    },

    async *each() {
      let due = 1;
      /** SHA-256 of the statement before; null before the first, undefined where it is not known. */
      let previous: string | null | undefined = null;
      for await (const page of source.viewPages(digestsPartition(tenantId))) {
        for (const row of page) {
          const number = NUMBER.test(String(row['sk'])) ? Number(row['sk']) : 0;
          if (number < due || number > lastNumber) continue;
          if (number > due) previous = undefined;
          yield* missing(due, number - 1);
          due = number + 1;
          const copy = read(row, number);
          if ('fault' in copy) {
            previous = undefined;
            if (!told.has(number)) yield `The copy of digest ${number} ${copy.fault}`;
            continue;
          }
          const extendsIt = previous === undefined || copy.statement.previous === previous;
          previous = sha256(copy.text);
          yield extendsIt
            ? undefined
            : number === 1
              ? 'The copy of digest 1 was changed: it names a digest before it'
              : `The copy of digest ${number - 1} is not the digest that digest ${number} names as the one before it: one of both was changed`;
        }
      }
      yield* missing(due, lastNumber);
    },

    async odd(rows) {
      const isOdd = ({ sk }: StoredItem): boolean => {
        const name = String(sk);
        return NUMBER.test(name) ? Number(name) > most : name !== countKey.sk && name !== refusalKey.sk;
      };
      const odd = rows.filter(isOdd);
      if (!odd.some(({ sk }) => NUMBER.test(String(sk)))) return odd;
      most = Math.max(most, ((await countNow()) ?? 0) + 1);
      return odd.filter(isOdd);
    },
  };
}

function countIn({ doc }: StoredItem): number | undefined {
  try {
    const { seq }: { seq?: unknown } = JSON.parse(String(doc));
    const isNumber = typeof seq === 'number' && Number.isInteger(seq) && seq >= 1 && seq <= NUMBER_MAX;
    return isNumber ? seq : undefined;
  } catch {
    return undefined;
  }
}
