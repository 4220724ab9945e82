import { genesisHash } from '../core/chain/hash.ts';
import { fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import type { DigestFault } from './faults.ts';
import type { PublicKeys } from './keys.ts';
import { type DigestTexts, readDigest, type SoundDigest } from './read-digest.ts';
import { type Head, parsePeriod } from './statement.ts';
import type { ChainPoint } from './verify-chain.ts';

/** Digests that somebody kept from earlier on: the SHA-256 of their statements by their numbers. */
export type KeptDigests = ReadonlyMap<number, string>;

/** Keys that are not trusted by themselves, because nobody but the export gives them. */
export interface FormerKeys {
  /** These, and those that are trusted. */
  keys: PublicKeys;
  /** Numbers of the digests that they may have signed: what those say is bound by later ones. */
  bound: ReadonlySet<number>;
}

/**
 * Finds the digests whose statements are bound by the one after them: it holds their SHA-256, and is signed by a trusted key or
 * bound itself. Who signed a bound one adds nothing to that; so any key may have, also one that came along with the export.
 * @param options.numbers by rising number
 */
export async function boundBySuccessors(options: {
  numbers: readonly number[];
  read: (number: number) => Promise<Pick<DigestTexts, 'statement' | 'signature'>>;
  keys: PublicKeys;
}): Promise<Set<number>> {
  const { numbers, read, keys } = options;
  const bound = new Set<number>();
  const last = numbers.at(-1);
  let next = last === undefined ? undefined : { number: last, ...(await read(last)) };
  for (const number of numbers.slice(0, -1).toReversed()) {
    const digest = await read(number);
    if (
      next?.number === number + 1 &&
      next.statement.includes(`,"previous":"${sha256(digest.statement)}",`) &&
      (bound.has(next.number) || keys.signed(next.statement, next.signature))
    )
      bound.add(number);
    next = { number, ...digest };
  }
  return bound;
}

/**
 * Verifies the digests of a tenant one by one, by rising number: each by itself, and that it extends the one before. What the
 * sound ones say of a chain then has to be held against the chain's lines: see `pointsOf` and `verifyChain`.
 * A digest with a fault says nothing: its successor is held against the last sound one, as far as that goes.
 */
export class DigestSeries {
  readonly faults: DigestFault[] = [];
  /** Numbers of the digests whose statements are those that were kept. */
  readonly same: number[] = [];
  readonly #tenant: string;
  readonly #keys: PublicKeys;
  readonly #former: FormerKeys | undefined;
  readonly #kept: KeptDigests;
  readonly #points = new Map<string, ChainPoint[]>();
  #count = 0;
  #latest: SoundDigest | undefined;
  /** Those of the last sound digest; before there is one, the beginnings of the chains. */
  #heads: readonly Head[];

  /** @param options.chains the tenant's chains in their order, catalog last */
  constructor(options: {
    tenant: string;
    chains: readonly string[];
    keys: PublicKeys;
    former?: FormerKeys;
    kept?: KeptDigests;
  }) {
    const { tenant, chains, keys, kept = new Map() } = options;
    this.#tenant = tenant;
    this.#keys = keys;
    this.#former = options.former;
    this.#kept = kept;
    this.#heads = chains.map((chain) => ({
      chain,
      seq: 0,
      hash: genesisHash(fullChainName({ tenantId: tenant, chain }), sha256),
    }));
  }

  /** @param number above those taken before; those left out are missing */
  take(number: number, digest: DigestTexts): void {
    this.#missing(number - 1);
    this.#count = number;
    const kept = this.#keptOf(number, digest);
    if (kept === 'same') this.same.push(number);
    const fault = kept === 'other' ? 'It is not the one that was kept' : this.#read(number, digest);
    if (fault !== undefined) this.faults.push({ tenant: this.#tenant, number, reason: fault });
  }

  /**
   * To be called after the last digest. One at least is due, for without any nothing is signed.
   * @param count the number of digests that the export says it has
   */
  end(count: number): void {
    this.#missing(Math.max(1, count, ...this.#kept.keys()));
  }

  #missing(count: number): void {
    const due = this.#count + 1;
    if (count < due) return;
    const reason = `It is missing${count > due ? `, with all up to digest ${count}` : ''}`;
    this.faults.push({ tenant: this.#tenant, number: due, reason });
    this.#count = count;
  }

  /** Whether the last digest that is due is sound. Else where the chains end is not known. To be asked after the end. */
  get isWhole(): boolean {
    return this.#latest?.statement.number === this.#count;
  }

  /** The last digest that is sound. */
  get latest(): SoundDigest | undefined {
    return this.#latest;
  }

  /** @returns what the sound digests say of a chain, by rising seq */
  pointsOf(chain: string): readonly ChainPoint[] {
    return this.#points.get(chain) ?? [];
  }

  #keptOf(number: number, { statement }: DigestTexts): 'none' | 'same' | 'other' {
    const kept = this.#kept.get(number);
    if (kept === undefined) return 'none';
    return kept === sha256(statement) ? 'same' : 'other';
  }

  #read(number: number, digest: DigestTexts): string | undefined {
    const keys = this.#former?.bound.has(number) ? this.#former.keys : this.#keys;
    const read = readDigest(digest, { tenant: this.#tenant, number, keys });
    return 'fault' in read ? read.fault : this.#accept(read);
  }

  /** @returns what keeps the digest from extending the last one */
  #accept(digest: SoundDigest): string | undefined {
    const { heads, periods, statement } = digest;
    const before = this.#heads;
    if (heads.length !== before.length || heads.some(({ chain }, index) => chain !== before[index]?.chain))
      return 'The heads are not those of the chains that are here';
    const grown = heads.flatMap((head, index) => {
      const old = before[index];
      return old && (old.seq !== head.seq || old.hash !== head.hash) ? [{ ...head, from: old.seq + 1 }] : [];
    });
    const back = grown.find(({ seq, from }) => seq < from);
    if (back) return `Chain ${back.chain} went from seq ${back.from - 1} to ${back.seq}`;

    // Else the digest before is missing or has a fault: it is not known what this one's periods should be.
    const follows = statement.number === (this.#latest?.statement.number ?? 0) + 1;
    const spans = periods.map((text) => parsePeriod(this.#tenant, text));
    if (follows) {
      if (statement.previous !== (this.#latest ? sha256(this.#latest.text) : null))
        return 'It does not name the digest before it';
      const due = grown.map(({ chain, from, seq }) => `${chain} ${from} ${seq}`);
      const given = spans.map((span) => span && `${span.chain} ${span.from} ${span.to}`);
      if (due.join() !== given.join()) return 'The periods are not what lies between the heads';
    }
    for (const [index, { chain, seq, hash }] of grown.entries()) {
      const root = follows ? spans[index]?.root : undefined;
      const points = this.#points.get(chain) ?? [];
      points.push({ seq, hash, by: `digest ${statement.number}`, ...(root !== undefined && { root }) });
      this.#points.set(chain, points);
    }
    this.#heads = heads;
    this.#latest = digest;
    return undefined;
  }
}
