import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf, percentilesOf } from '../support/statistics.ts';
import type { Cell, OpenPeer, Peer, PeerResult } from './peer.ts';

export interface MeasureOptions {
  dataDir: string;
  seconds: number;
  rounds: number;
  /** No round is begun that would end later than this after the first began; absent: all are. */
  budgetSeconds?: number;
  say(line: string): void;
}

/** A cell of a peer on its way. */
interface Row {
  peer: Peer;
  cell: Cell;
  postingsPerSecond: number[];
  p99Ms: number[];
}

/** A peer that runs, or why it does not. */
type State = { open: OpenPeer } | { error: string };

/** Before a peer's first window of each kind, so that everything is loaded, planned and compiled. */
const WARM_UP_SECONDS = 1;

/**
 * Opens all peers on one disk and lets each work in its turn, round after round, so that what disturbs the machine for a while
 * disturbs all of them. A peer that fails is a row with its error.
 */
export async function measurePeers(peers: readonly Peer[], options: MeasureOptions): Promise<PeerResult[]> {
  const { say } = options;
  const states = new Map<Peer, State>();
  try {
    for (const peer of peers) states.set(peer, await opened(peer, options));
    const rows = peers.flatMap((peer) =>
      peer.cells.map((cell): Row => ({ peer, cell, postingsPerSecond: [], p99Ms: [] })),
    );
    const warm = new Set<string>();
    const startedMs = performance.now();
    const elapsedSeconds = (): number => (performance.now() - startedMs) / 1_000;
    for (let round = 1; round <= options.rounds; round++) {
      // On a machine that is busy otherwise a round takes longer than its windows: fewer rounds then, told by their samples.
      if ((elapsedSeconds() * round) / Math.max(1, round - 1) > (options.budgetSeconds ?? Infinity)) break;
      say(`round ${round} of ${options.rounds}`);
      for (const row of rows) await work(row, { states, seconds: options.seconds, warm });
    }
    const faults = new Map<Peer, string[]>();
    for (const peer of peers) {
      say(`checking ${peer.name}`);
      faults.set(peer, await checked(states.get(peer)));
    }
    return rows.map((row) => resultOf(row, { state: states.get(row.peer), faults: faults.get(row.peer) ?? [] }));
  } finally {
    for (const state of states.values()) if ('open' in state) await state.open.close();
  }
}

async function opened(peer: Peer, { dataDir, say }: MeasureOptions): Promise<State> {
  say(`starting ${peer.name}`);
  const own = join(dataDir, peer.name.replaceAll(/[^A-Za-z0-9]+/g, '-').toLowerCase());
  mkdirSync(own, { recursive: true });
  try {
    return { open: await peer.open({ dataDir: own, say }) };
  } catch (error) {
    return { error: textOf(error) };
  }
}

async function work(
  row: Row,
  { states, seconds, warm }: { states: Map<Peer, State>; seconds: number; warm: Set<string> },
): Promise<void> {
  const state = states.get(row.peer);
  if (!state || 'error' in state) return;
  try {
    const kind = `${row.peer.name} ${row.cell.batch} ${row.cell.variant}`;
    if (!warm.has(kind)) await state.open.run(row.cell, WARM_UP_SECONDS);
    warm.add(kind);
    const { postings, elapsedMs, latenciesMs } = await state.open.run(row.cell, seconds);
    row.postingsPerSecond.push((postings * 1_000) / elapsedMs);
    row.p99Ms.push(percentilesOf(Array.from(latenciesMs)).p99);
  } catch (error) {
    // What it says of itself from here on would be worth nothing.
    await state.open.close();
    states.set(row.peer, { error: textOf(error) });
  }
}

async function checked(state: State | undefined): Promise<string[]> {
  if (!state || 'error' in state) return [];
  try {
    return await state.open.check();
  } catch (error) {
    return [`The check failed: ${textOf(error)}`];
  }
}

function resultOf(
  { peer, cell, postingsPerSecond, p99Ms }: Row,
  { state, faults }: { state: State | undefined; faults: string[] },
): PeerResult {
  const failed = !state || 'error' in state;
  return {
    peer: cell.variant === undefined ? peer.name : `${peer.name}, ${cell.variant}`,
    setting: failed ? '' : state.open.setting,
    notes: peer.notes,
    concurrency: cell.concurrency,
    batch: cell.batch,
    samples: postingsPerSecond,
    faults,
    ...(!failed &&
      postingsPerSecond.length > 0 && { postingsPerSecond: medianOf(postingsPerSecond), p99Ms: medianOf(p99Ms) }),
    ...(failed && { error: state?.error ?? 'It was not started' }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
