import type { ChainRef } from '../../core/chain/name.ts';
import type { Journal } from '../port.ts';
import { JournalReplica } from '../replica.ts';
import { encodeSnapshot, piecesOf, sealManifest } from './codec.ts';
import { loadSnapshot, type SnapshotOptions } from './load-snapshot.ts';

/**
 * Brings a chain's snapshot up to the head of the chain: from the snapshot before it, if that can be used, so that only the
 * events since then are read and only the pieces that are new are written.
 * @param limit time to read for, one commit at least; the snapshot then is of where that ended, and the next goes on from there
 * @returns the seq of the snapshot; undefined when somebody else has written one in the meantime
 * @throws JournalUnavailableError, ChainBrokenError, and whatever keeps the store from writing
 */
export async function takeSnapshot(
  journal: Journal,
  ref: ChainRef,
  snapshots: SnapshotOptions,
  limit?: { now: () => number; foldMs: number },
): Promise<number | undefined> {
  const { store } = snapshots;
  const start = await loadSnapshot(journal, ref, snapshots);
  const previous = start?.sealed ?? (await store.newest(ref));
  const replica = new JournalReplica(journal, ref, { ...(start && { start }) });
  const endMs = limit && limit.now() + limit.foldMs;
  await replica.catchUp(() => limit !== undefined && endMs !== undefined && limit.now() >= endMs);

  const { manifest, pieces } = encodeSnapshot(ref, { seq: replica.seq, hash: replica.hash }, replica.held);
  // Of a snapshot that could not be used nobody knows which pieces are there.
  const standing = start ? piecesOf(start.manifest) : [];
  const replaced = await store.replace(ref, {
    manifest: sealManifest(manifest),
    pieces: new Map([...pieces].filter(([digest]) => !standing.includes(digest))),
    previous: previous?.digest,
    dropped: standing.filter((digest) => !pieces.has(digest)),
  });
  return replaced ? replica.seq : undefined;
}
