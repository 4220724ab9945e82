import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_CHAINS } from '../../../src/contract/limits.ts';
import { chainsOf, fullChainName } from '../../../src/core/chain/name.ts';
import type { Journal } from '../../../src/journal/port.ts';
import { sha256 } from '../../../src/journal/sha256.ts';
import { decodeDigest } from '../../../src/proof/digest-document.ts';
import { PublicKeys } from '../../../src/proof/keys.ts';
import type { Digest } from '../../../src/proof/port.ts';
import { verifyChain } from '../../../src/proof/verify-chain.ts';
import { DigestSeries } from '../../../src/proof/verify-digests.ts';
import type { Client } from './client.ts';

const CHAINS = chainsOf(DEFAULT_CHAINS);

/**
 * Follows the digests that DigestFunction keeps in its bucket, as somebody who looks into the folder: each extends the one
 * before, none is missing or changed, all are signed by the key that signed the first.
 */
export class DigestWatch {
  readonly #tenantId: string;
  readonly #bucket: string;
  readonly #keys: PublicKeys;
  /** SHA-256 of what was seen, by number: for good. */
  readonly #kept = new Map<number, string>();
  #digests: Digest[] = [];
  #series: DigestSeries;

  /** Takes the key that is in the bucket now for the only one. @throws where there is none, or more than one */
  constructor({ dataDir, tenantId }: { dataDir: string; tenantId: string }) {
    const [keys = '', ...others] = globSync(join(dataDir, 'buckets/*/keys/*.pem'));
    if (keys === '' || others.length > 0) throw new Error(`Expected one key of digests in ${dataDir}`);
    this.#bucket = dirname(dirname(keys));
    this.#keys = new PublicKeys([readFileSync(keys, 'utf8')]);
    this.#tenantId = tenantId;
    this.#series = this.#newSeries();
  }

  /** The last one's number. */
  get count(): number {
    return this.#digests.length;
  }

  /** Reads all that are there. @param told the highest number that DigestFunction answered with @returns what is wrong with them */
  look(told: number): string[] {
    const folder = join(this.#bucket, this.#tenantId, 'digests');
    const names = readdirSync(folder).sort();
    this.#series = this.#newSeries();
    this.#digests = [];
    const faults: string[] = [];
    for (const name of names) {
      const number = Number.parseInt(name, 10);
      try {
        const digest = decodeDigest(readFileSync(join(folder, name), 'utf8'));
        this.#series.take(number, digest);
        this.#digests.push(digest);
        if (!this.#kept.has(number)) this.#kept.set(number, sha256(digest.statement));
      } catch (error) {
        faults.push(`Digest ${number} cannot be read: ${String(error)}`);
      }
    }
    this.#series.end(told);
    return [...faults, ...this.#series.faults.map(({ number, reason }) => `Digest ${number}: ${reason}`)];
  }

  /** @returns where the last digest's heads are others than the journal's, which must be at rest */
  compareHeads(heads: ReadonlyMap<string, { seq: number; hash: string }>): string[] {
    const signed = this.#series.latest?.heads ?? [];
    if (signed.length !== heads.size) return [`The last digest signs ${signed.length} chains of ${heads.size}`];
    return signed.flatMap(({ chain, seq, hash }) => {
      const held = heads.get(chain);
      return held?.seq === seq && held.hash === hash
        ? []
        : [`The last digest has chain ${chain} at seq ${seq}, the journal at ${held?.seq}, or with another hash`];
    });
  }

  /** Holds all that was signed against the journal's own lines, from the first on. @returns the first fault of each chain */
  async compareLines(journal: Journal): Promise<string[]> {
    const faults: string[] = [];
    for (const chain of CHAINS) {
      const { fault } = await verifyChain({
        chain: fullChainName({ tenantId: this.#tenantId, chain }),
        lines: linesOf(journal, { tenantId: this.#tenantId, chain }),
        points: this.#series.pointsOf(chain),
      });
      if (fault) faults.push(`The digests do not agree with chain ${chain} at seq ${fault.seq}: ${fault.reason}`);
    }
    return faults;
  }

  /** @returns the digests that the API does not give as the bucket has them */
  async compareAnswers(client: Client): Promise<string[]> {
    const faults: string[] = [];
    for (const { number, statement } of this.#digests) {
      const answer = (await client.get(`/digests/${number}`)) as { statement: string };
      if (answer.statement !== statement) faults.push(`The API gives another digest ${number} than the bucket`);
    }
    return faults;
  }

  #newSeries(): DigestSeries {
    return new DigestSeries({ tenant: this.#tenantId, chains: CHAINS, keys: this.#keys, kept: this.#kept });
  }
}

async function* linesOf(journal: Journal, ref: { tenantId: string; chain: string }): AsyncGenerator<Buffer> {
  for await (const { body } of journal.read(ref, { afterSeq: 0 })) yield Buffer.from(`${body}\n`);
}
