import { LIMITS } from '../../contract/limits.ts';
import { utf8Bytes } from '../../contract/primitives.ts';
import { genesisHash } from '../../core/chain/hash.ts';
import { type ChainRef, chainsOf, fullChainName } from '../../core/chain/name.ts';
import type { Commit, Journal } from '../../journal/port.ts';
import { type Query, found, notFound } from './query.ts';

/** The lines as they stand in the journal: whoever reads them hashes them for themselves, so nothing is checked here. */
export const getChainLines: Query<'getChainLines'> = async (
  { journal, sha256, tenant, tenantId },
  { chain, afterSeq, limit },
) => {
  if (!chainsOf(tenant.chains).includes(chain)) return notFound('chain', chain);
  const ref = { tenantId, chain };
  // The head first: lines that come meanwhile are not given, so that they end where the answer says that the chain does.
  const last = await journal.lastCommit(ref);
  const head = last
    ? { seq: last.lastSeq, hash: last.headHash }
    : { seq: 0, hash: genesisHash(fullChainName(ref), sha256) };
  const lines = afterSeq < head.seq ? await readLines(journal, ref, { afterSeq, toSeq: head.seq, limit }) : [];
  const endSeq = afterSeq + lines.length;
  return found({ chain, lines, head, nextAfterSeq: endSeq < head.seq ? endSeq : null });
};

/** @returns one line at least, then as many as the limits allow */
async function readLines(
  journal: Journal,
  ref: ChainRef,
  { afterSeq, toSeq, limit }: { afterSeq: number; toSeq: number; limit: number },
): Promise<string[]> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const commit of commitsFrom(journal, ref, afterSeq + 1)) {
    const skipped = afterSeq + lines.length + 1 - commit.firstSeq;
    for (const line of commit.body.split('\n').slice(skipped)) {
      bytes += answeredBytes(line);
      if (lines.length > 0 && bytes > LIMITS.chainLinesBytes) return lines;
      lines.push(line);
      if (lines.length === limit || afterSeq + lines.length === toSeq) return lines;
    }
  }
  return lines;
}

/** @throws when the journal does not hold the event, although it holds later ones */
async function* commitsFrom(journal: Journal, ref: ChainRef, seq: number): AsyncGenerator<Commit> {
  // An event in the middle of its commit: reading on gives only commits that begin after it.
  const first = await journal.commitAt(ref, seq);
  if (!first) throw new Error(`Cannot read seq ${seq} of chain "${fullChainName(ref)}": the journal does not have it`);
  yield first;
  yield* journal.read(ref, { afterSeq: first.lastSeq });
}

/** Bytes of a line in a function's answer: JSON in JSON, so quotes and backslashes take four bytes each. */
function answeredBytes(line: string): number {
  return utf8Bytes(line) + 3 * (line.match(/["\\]/g)?.length ?? 0);
}
