import type { SignedHeads } from './digest-copies.ts';
import type { Findings } from './findings.ts';
import type { ChainHead } from './result.ts';
import type { StoredItem } from './source.ts';

/**
 * Where the views' cursors stood before the journal was read. A projection has seen an event only once it was in the journal, and
 * what is there stays: so a cursor beyond the head, or with a hash that no commit ends with there, tells of a chain that was cut
 * off or rewritten, never of views that are wrong.
 */
export interface SeenHeads {
  /** Takes the end of a commit as the journal has it. */
  passed(chain: string, head: { seq: number; hash: string }): void;
  /** Checks the chains once they have been read. @returns those that are not any more what the views have seen */
  lost(heads: readonly ChainHead[], findings: Findings): Set<string>;
}

/** An event that is known of besides the journal: by the views, or by the digest of this number. */
interface KnownHead {
  chain: string;
  seq: number;
  hash: string;
  digest?: number;
}

/**
 * @param rows cursors, read before the journal; what is damaged of them is for the comparison of the views to tell
 * @param signed what the last digest was signed over, read before the journal: views go along with a chain that was cut off and
 * written on since, a digest does not
 */
export function createSeenHeads(rows: readonly StoredItem[], signed?: SignedHeads): SeenHeads {
  const seen = rows.flatMap((row): KnownHead[] => {
    const head = headOf(row);
    return head ? [{ chain: String(row['sk']), ...head }] : [];
  });
  const known = [...seen, ...headsOf(signed)];
  const isSigned = new Set(signed?.heads.map(({ chain }) => chain));
  const places = new Set(known.map(placeOf));
  const found = new Map<string, string>();
  return {
    passed(chain, { seq, hash }) {
      const place = placeOf({ chain, seq });
      if (places.has(place)) found.set(place, hash);
    },

    lost(heads, findings) {
      const lost = new Set<string>();
      const ends = new Map(heads.map(({ chain, headSeq }) => [chain, headSeq]));
      for (const head of known) {
        const { chain, seq, hash, digest } = head;
        const headSeq = ends.get(chain);
        if (headSeq === undefined) continue; // read by another piece
        const is = found.get(placeOf(head));
        const who = digest === undefined ? 'the views have seen' : `digest ${digest} was signed over`;
        const reason = () =>
          seq > headSeq
            ? `The chain ends at event ${headSeq}, but ${who} event ${seq} of it (hash ${hash}): its end was cut off`
            : `${who.replace(/^./, (letter) => letter.toUpperCase())} event ${seq} of the chain with hash ${hash}, the journal has ${is ?? 'no commit that ends'} there: the chain was rewritten`;
        const holds = findings.check('HASH_CHAIN', is === hash, { chain, seq }, reason);
        // Views that went along are those of the journal as it is.
        if (!holds && digest === undefined) lost.add(chain);
      }
      if (signed)
        for (const { chain } of heads.filter((head) => !isSigned.has(head.chain)))
          findings.check('HASH_CHAIN', false, { chain }, () => `The copy of digest ${signed.digest} lacks this chain`);
      return lost;
    },
  };
}

function placeOf({ chain, seq }: Pick<KnownHead, 'chain' | 'seq'>): string {
  return `${chain} ${seq}`;
}

/** A chain that had no event has none that could be gone. */
function headsOf(signed: SignedHeads | undefined): KnownHead[] {
  if (!signed) return [];
  return signed.heads.filter(({ seq }) => seq > 0).map((head) => ({ ...head, digest: signed.digest }));
}

const HASH = /^[0-9a-f]{64}$/;

function headOf({ doc }: StoredItem): { seq: number; hash: string } | undefined {
  try {
    const { seq, hash }: { seq?: unknown; hash?: unknown } = JSON.parse(String(doc));
    const isHead = Number.isSafeInteger(seq) && Number(seq) > 0 && typeof hash === 'string' && HASH.test(hash);
    return isHead ? { seq: Number(seq), hash } : undefined;
  } catch {
    return undefined;
  }
}
