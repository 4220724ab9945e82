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

/** @param rows cursors, read before the journal; what is damaged of them is for the comparison of the views to tell */
export function createSeenHeads(rows: readonly StoredItem[]): SeenHeads {
  const seen = new Map(rows.map((row) => [String(row['sk']), headOf(row)]));
  const found = new Map<string, string>();
  return {
    passed(chain, { seq, hash }) {
      if (seen.get(chain)?.seq === seq) found.set(chain, hash);
    },

    lost(heads, findings) {
      const lost = new Set<string>();
      for (const { chain, headSeq } of heads) {
        const cursor = seen.get(chain);
        if (!cursor) continue;
        const { seq, hash } = cursor;
        const reason = () =>
          seq > headSeq
            ? `The chain ends at event ${headSeq}, but the views have seen event ${seq} of it (hash ${hash}): its end was cut off`
            : `The views have seen event ${seq} of the chain with hash ${hash}, the journal has ${found.get(chain) ?? 'no commit that ends'} there: the chain was rewritten`;
        if (!findings.check('HASH_CHAIN', found.get(chain) === hash, { chain, seq }, reason)) lost.add(chain);
      }
      return lost;
    },
  };
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
