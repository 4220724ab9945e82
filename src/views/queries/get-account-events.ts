import { chainOfId } from '../../core/chain/name.ts';
import type { AccountRow } from '../accounts/account-row.ts';
import { STATEMENT_PAGE_REFERENCES, type StatementReference, pageCount, referencesIn } from '../accounts/statement.ts';
import { inParallel } from '../in-parallel.ts';
import { accountKey, statementPageKey } from '../keys.ts';
import { type Query, type QueryContext, found, notFound } from './query.ts';
import { envelopeOf, readEvents } from './read-events.ts';

/** Commits read from the journal at a time. */
const MAX_PARALLEL_READS = 16;

/** The account's own events, oldest first. The view only knows where they stand; they themselves come from the journal. */
export const getAccountEvents: Query<'getAccountEvents'> = async (context, { accountId, limit, offset }) => {
  const { journal, views, sha256, tenantId } = context;
  const [row] = await views.get([accountKey(tenantId, accountId)]);
  const chain = chainOfId(accountId);
  if (!row || chain === undefined) return notFound('account', accountId);

  const references = await readReferences(context, row, { limit, offset });
  const commits = [...Map.groupBy(references, ([commitFirstSeq]) => commitFirstSeq)];
  const events = await inParallel(commits, MAX_PARALLEL_READS, async ([commitFirstSeq, inCommit]) => {
    const commit = await journal.commitAt({ tenantId, chain }, commitFirstSeq);
    if (!commit)
      throw new Error(
        `Cannot read commit ${commitFirstSeq} of chain ${tenantId} ${chain}: the journal does not have it`,
      );
    const wanted = new Set(inCommit.map(([, seq]) => seq));
    return readEvents(commit, wanted, sha256).map((event) => envelopeOf(event, commit));
  });
  return found({ events: events.flat(), total: row.eventCount, limit, offset });
};

/** Reads the references from `offset` on: pages are full, so a reference's place tells its page. */
async function readReferences(
  { views, tenantId }: QueryContext,
  row: AccountRow,
  { limit, offset }: { limit: number; offset: number },
): Promise<StatementReference[]> {
  const firstPage = Math.floor(offset / STATEMENT_PAGE_REFERENCES);
  const fullPages = pageCount(row.eventCount);
  const endPage = Math.min(fullPages, Math.ceil((offset + limit) / STATEMENT_PAGE_REFERENCES));
  const keys = [];
  for (let page = firstPage; page < endPage; page += 1) {
    keys.push(statementPageKey({ tenantId, accountId: row.accountId, page }));
  }
  const pages = await views.get(keys);
  const references = pages.flatMap((page) => referencesIn(page?.references ?? ''));
  if (firstPage <= fullPages) references.push(...referencesIn(row.tail));
  const start = Math.min(firstPage, fullPages) * STATEMENT_PAGE_REFERENCES;
  return references.slice(offset - start, offset - start + limit);
}
