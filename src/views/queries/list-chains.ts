import { type Query, found } from './query.ts';
import { readCursors } from './read-cursors.ts';
import { readHeads } from './read-heads.ts';

/** The heads of the chains as the journal has them, and how far the views are. */
export const listChains: Query<'listChains'> = async (context) => {
  // Cursors first: what they name is in the journal, so no chain looks as if its views were ahead of it.
  const cursors = await readCursors(context.views, context.tenantId);
  const heads = await readHeads(context);
  const chains = heads.map(({ chain, seq, hash }) => ({
    chain,
    headSeq: seq,
    headHash: hash,
    projectedSeq: cursors.get(chain)?.seq ?? 0,
  }));
  return found({ chains });
};
