import { listPageKey } from '../keys.ts';
import { LIST_PAGE_IDS, type ListKind } from '../lists/list-page.ts';
import type { ViewStore } from '../port.ts';
import { readCursors } from './read-cursors.ts';

/**
 * Reads a part of a list, chain by chain in the order of creation. The cursors tell how long each chain's list is, so only
 * the pages that hold the part are read, wherever it begins.
 */
export async function readList(options: {
  views: ViewStore;
  tenantId: string;
  kind: ListKind;
  offset: number;
  limit: number;
}): Promise<{ ids: string[]; total: number }> {
  const { views, tenantId, kind, offset, limit } = options;
  const cursors = await readCursors(views, tenantId);
  const pages: { chain: string; page: number; from: number; to: number }[] = [];
  let total = 0;
  for (const [chain, { counts }] of cursors) {
    const first = Math.max(offset - total, 0);
    const end = Math.min(offset + limit - total, counts[kind]);
    for (let page = Math.floor(first / LIST_PAGE_IDS); page * LIST_PAGE_IDS < end; page += 1) {
      const start = page * LIST_PAGE_IDS;
      pages.push({ chain, page, from: Math.max(first - start, 0), to: Math.min(end - start, LIST_PAGE_IDS) });
    }
    total += counts[kind];
  }
  const rows = await views.get(pages.map(({ chain, page }) => listPageKey({ tenantId, chain }, kind, page)));
  const ids = pages.flatMap(({ from, to }, index) => rows[index]?.ids.slice(from, to) ?? []);
  return { ids, total };
}
