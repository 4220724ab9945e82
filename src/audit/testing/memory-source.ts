import type { Commit, Journal } from '../../journal/port.ts';
import { type ChainRef, parseChainName } from '../../core/chain/name.ts';
import { sha256 } from '../../journal/sha256.ts';
import { createChainProjector } from '../../views/projection/chain-projector.ts';
import { createMemoryViews } from '../../views/store/memory-views.ts';
import type { PlanSource, StoredItem } from '../source.ts';

const PAGE_ITEMS = 7;

/** The two tables in memory, as lists of items that a test may damage. */
export function memorySource(tables: { journal: StoredItem[]; views: StoredItem[] }): PlanSource {
  const { journal, views } = tables;
  return {
    tenants: async () =>
      journal
        .flatMap((item) => (item['registry'] === 'TENANT' ? [String(item['pk']).split('#')[0] ?? ''] : []))
        .toSorted(),
    chainItems: (pk, { afterSeq }) =>
      pagesOf(
        journal
          .filter((item) => item['pk'] === pk && Number(item['sk']) > afterSeq)
          .toSorted((a, b) => Number(a['sk']) - Number(b['sk'])),
      ),
    lastItem: async (pk) =>
      journal.filter((item) => item['pk'] === pk).toSorted((a, b) => Number(b['sk']) - Number(a['sk']))[0],
    otherItems: ({ chainPks, tenantId }) =>
      pagesOf(journal.filter((item) => !chainPks.includes(String(item['pk'])) && isOf(tenantId)(item))),
    viewRows: ({ tenantId, without = [] }) =>
      pagesOf(
        views.filter(
          (item) => isOf(tenantId)(item) && !without.some((prefix) => String(item['pk']).startsWith(prefix)),
        ),
      ),
    viewPartition: async (pk) => views.filter((item) => item['pk'] === pk),
    viewPages: (pk) =>
      pagesOf(
        views.filter((item) => item['pk'] === pk).toSorted((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1)),
      ),
    viewRow: async (pk, sk) => views.find((item) => item['pk'] === pk && item['sk'] === sk),
  };
}

function isOf(tenantId: string | undefined): (item: StoredItem) => boolean {
  return (item) => tenantId === undefined || String(item['pk']).startsWith(`${tenantId}#`);
}

async function* pagesOf(items: readonly StoredItem[]): AsyncGenerator<StoredItem[]> {
  for (let start = 0; start < items.length; start += PAGE_ITEMS) yield items.slice(start, start + PAGE_ITEMS);
}

/** Makes the views of a journal with the projections of the system itself. */
export async function projectViews(items: readonly StoredItem[]): Promise<StoredItem[]> {
  const store = createMemoryViews();
  const journal = journalOf(items);
  const monitor = { projected: () => {}, breach: () => {} };
  const projector = createChainProjector({ journal, store, sha256, monitor, now: () => 0 });
  const names = [...new Set(items.map((item) => String(item['pk'])))];
  for (const name of names.toSorted().toReversed()) {
    const ref = parseChainName(name);
    if (!ref) continue;
    for (const cursor of await projector.cursorsOf([ref]))
      await projector.project({ ref, images: [], target: Infinity, cursor });
  }
  return Object.entries(store.dump()).map(([key, doc]) => {
    const [pk, sk] = key.split(' ');
    return { pk, sk, doc: JSON.stringify(doc) };
  });
}

function journalOf(items: readonly StoredItem[]): Journal {
  const commits = items.flatMap((item): Commit[] => {
    const ref = parseChainName(String(item['pk']));
    const { sk, last, prev, head, at, body } = item;
    return ref && typeof body === 'string'
      ? [
          {
            ...ref,
            firstSeq: Number(sk),
            lastSeq: Number(last),
            prevHash: String(prev),
            headHash: String(head),
            committedAt: String(at),
            body,
          },
        ]
      : [];
  });
  const commitsOf = ({ tenantId, chain }: ChainRef): Commit[] =>
    commits.filter((commit) => commit.chain === chain && commit.tenantId === tenantId);
  return {
    append: () => Promise.reject(new Error('This journal is only read')),
    async *read(ref, { afterSeq }) {
      yield* commitsOf(ref).filter(({ firstSeq }) => firstSeq > afterSeq);
    },
    commitAt: async () => undefined,
    taken: async () => [],
    lastCommit: async (ref) => commitsOf(ref).at(-1),
  };
}
