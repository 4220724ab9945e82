import { parseChainName } from '../core/chain/name.ts';
import { digestCountKey, digestKey, digestRefusalKey } from '../views/keys.ts';
import type { AuditSource, StoredItem } from './source.ts';

/** What a digest was signed over, as its copy in the views has it. */
export interface SignedHeads {
  digest: number;
  /** Of all chains; seq 0 of one that had no event. */
  heads: { chain: string; seq: number; hash: string }[];
}

/** The copies of a tenant's digests. They are no views of the journal: it is compared with them, not they with it. */
export interface DigestCopies {
  /**
   * Looks for the last copy that can be read.
   * @returns it, if there is one, and what is wrong with the copies: each fault keeps a digest out of the audit
   */
  last(): Promise<{ signed: SignedHeads | undefined; faults: string[] }>;
  /** @returns those rows of the copies' partition that have no place in it */
  odd(rows: readonly StoredItem[]): Promise<StoredItem[]>;
}

/** A digest's number has eight digits, and the first one is 1. */
const NUMBER = /^(?!0{8})\d{8}$/;
const NUMBER_MAX = 99_999_999;

/** Copies that are looked up, from the last one down, until one can be read. */
const LOOKED_UP_MAX = 4;

export function createDigestCopies(tenantId: string, source: Pick<AuditSource, 'viewRow'>): DigestCopies {
  const [countKey, refusalKey] = [digestCountKey(tenantId), digestRefusalKey(tenantId)];
  /** Greatest number that a copy may have, as far as is known: more are made during the audit. */
  let most = 0;

  const copyAt = async (number: number): Promise<StoredItem | undefined> => {
    if (number < 1 || number > NUMBER_MAX) return undefined;
    const { pk, sk } = digestKey(tenantId, number);
    return source.viewRow(pk, sk);
  };

  /** @returns how many there are as they were counted, which is after they were copied; undefined where that cannot be read */
  const countNow = async (): Promise<number | undefined> => {
    const row = await source.viewRow(countKey.pk, countKey.sk);
    return row ? numberIn(row) : 0;
  };

  /** Copies have no gaps: in wide steps forward, then in narrow ones. @returns the number of the last one, `from` if it is that */
  const lastAfter = async (from: number): Promise<number> => {
    let [last, step] = [from, 1];
    for (; await copyAt(last + step); step *= 2) last += step;
    for (step = Math.floor(step / 2); step >= 1; step = Math.floor(step / 2))
      if (await copyAt(last + step)) last += step;
    return last;
  };

  const readableFrom = async (number: number) => {
    const faults: string[] = [];
    for (let next = number; next > Math.max(number - LOOKED_UP_MAX, 0); next -= 1) {
      const row = await copyAt(next);
      const heads = row && headsIn(row, { tenantId, number: next });
      if (heads) return { signed: { digest: next, heads }, faults };
      faults.push(`The copy of digest ${next} ${row ? 'cannot be read' : 'is missing'}: no chain is compared with it`);
    }
    return { signed: undefined, faults };
  };

  return {
    async last() {
      const last = await lastAfter((await countNow()) ?? 0);
      // Counted again, as it may have been copied in between: by now all before it must be counted.
      const counted = await countNow();
      most = counted === undefined ? NUMBER_MAX : last;
      const { signed, faults } = await readableFrom(last);
      if (counted === undefined) faults.push('The count of the copies of digests cannot be read');
      else if (last > counted + 1)
        faults.push(`The count of the copies of digests is ${counted}, but there is one of digest ${last}`);
      if (signed || last === 0) return { signed, faults };
      // The count may name what never was, and the first copies be there all the same.
      return { signed: (await readableFrom(await lastAfter(0))).signed, faults };
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

function numberIn({ doc }: StoredItem): number | undefined {
  try {
    const { seq }: { seq?: unknown } = JSON.parse(String(doc));
    const isNumber = typeof seq === 'number' && Number.isInteger(seq) && seq >= 1 && seq <= NUMBER_MAX;
    return isNumber ? seq : undefined;
  } catch {
    return undefined;
  }
}

/** A leaf of a digest: full name of a chain, seq and hash of its head. */
const LEAF = /^([^ ]+) (0|[1-9]\d{0,14}) ([0-9a-f]{64})$/;

/** @returns the heads in a copy; undefined where one of them, or the copy itself, is not what it should be */
function headsIn(
  row: StoredItem,
  { tenantId, number }: { tenantId: string; number: number },
): SignedHeads['heads'] | undefined {
  if (numberIn(row) !== number) return undefined;
  const { heads: leaves }: { heads?: unknown } = JSON.parse(String(row['doc']));
  if (!Array.isArray(leaves) || leaves.length === 0) return undefined;
  const heads = leaves.flatMap((leaf: unknown) => {
    const [, name = '', seq, hash = ''] = LEAF.exec(String(leaf)) ?? [];
    const ref = parseChainName(name);
    return ref?.tenantId === tenantId ? [{ chain: ref.chain, seq: Number(seq), hash }] : [];
  });
  return heads.length === leaves.length ? heads : undefined;
}
