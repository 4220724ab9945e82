import type { Figure } from '../support/bench.ts';
import { inProcess } from './ledger/in-process.ts';
import { overHttp } from './ledger/over-http.ts';
import type { Peer, PeerResult } from './peer.ts';

/** Puts beside each row what ours over HTTP makes of as large requests, each at its best concurrency. */
export function withRatios(rows: readonly PeerResult[]): PeerResult[] {
  return rows.map((row) => {
    const ours = best(rows, { peer: overHttp.name, batch: row.batch });
    if (row.postingsPerSecond === undefined || ours?.postingsPerSecond === undefined) return row;
    return { ...row, oursOverHttpTo: ours.postingsPerSecond / row.postingsPerSecond };
  });
}

interface Comparison {
  /** How the other's name begins. */
  with: string;
  batch: number;
  /** Theirs with so many clients; absent: at its best. */
  concurrency?: number;
  /** Absent: for information. */
  atLeast?: number;
}

const COMPARISONS: readonly Comparison[] = [
  { with: 'PostgreSQL, best one by one', batch: 1, atLeast: 2 },
  { with: 'PostgreSQL, one clearing row', batch: 1 },
  { with: 'PostgreSQL, 50 a transaction', batch: 50, concurrency: 1, atLeast: 1 },
  { with: 'PostgreSQL, 50 a transaction', batch: 50 },
  { with: 'castore', batch: 1, atLeast: 20 },
  { with: 'event-store-adapter-js', batch: 1, atLeast: 20 },
];

/** How often ours does what another does, each at its best concurrency, pair by pair of the rounds. */
export function figuresOf(rows: readonly PeerResult[], { seconds }: { seconds: number }): Figure[] {
  return COMPARISONS.flatMap((comparison) =>
    [overHttp, inProcess].flatMap((peer) => figureOf(rows, { peer, comparison, seconds })),
  );
}

function figureOf(
  rows: readonly PeerResult[],
  options: { peer: Peer; comparison: Comparison; seconds: number },
): Figure[] {
  const { peer, comparison, seconds } = options;
  const { batch, concurrency, atLeast } = comparison;
  const ours = best(rows, { peer: peer.name, batch });
  const other = best(rows, { peer: comparison.with, batch, ...(concurrency !== undefined && { concurrency }) });
  if (!ours || !other) return [];
  const samples = ours.samples.flatMap((rate, round) => {
    const theirs = other.samples[round];
    return theirs === undefined ? [] : [rate / theirs];
  });
  return [
    {
      name: `${peer.name} to ${other.peer}${concurrency === 1 ? ', theirs with one client' : ''}`,
      unit: '×',
      samples,
      method: `${batch === 1 ? 'One posting' : `${batch} postings`} a request: ${ours.peer}, ${ours.concurrency} in flight, to ${other.peer}, ${other.concurrency} in flight, of the same round; ${samples.length} rounds of ${seconds} s`,
      // The targets are for the whole of ours, the way in and the views with it.
      ...(peer === overHttp && atLeast !== undefined && { target: { atLeast } }),
    },
  ];
}

function best(
  rows: readonly PeerResult[],
  wanted: { peer: string; batch: number; concurrency?: number },
): PeerResult | undefined {
  return rows
    .filter(
      ({ peer, batch, concurrency, postingsPerSecond }) =>
        postingsPerSecond !== undefined &&
        peer.startsWith(wanted.peer) &&
        batch === wanted.batch &&
        concurrency === (wanted.concurrency ?? concurrency),
    )
    .toSorted((a, b) => (b.postingsPerSecond ?? 0) - (a.postingsPerSecond ?? 0))[0];
}
