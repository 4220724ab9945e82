import type { PeerRow } from '../support/bench.ts';

/** How a peer is driven: requests in flight, and the postings that each carries. */
export interface Cell {
  concurrency: number;
  batch: number;
  /** Told beside the peer's name, where a peer can be driven in several ways. */
  variant?: string;
}

/** One way of keeping a ledger, to be measured beside the others. */
export interface Peer {
  name: string;
  cells: readonly Cell[];
  /** What it does of the work less, or beyond it more, than the others: for the table's notes. */
  notes: string;
  /** Starts it on a disk, with accounts open. @throws where it cannot be had, saying what to do */
  open(context: PeerContext): Promise<OpenPeer>;
}

export interface PeerContext {
  /** A new folder on disk, its own alone. */
  dataDir: string;
  say(line: string): void;
}

export interface OpenPeer {
  /** Versions, settings and driver. */
  setting: string;
  /** Posts as fast as it can for so long. @throws where a posting fails or is refused: all should be accepted */
  run(cell: Cell, seconds: number): Promise<Window>;
  /** Reads back everything. @returns a sentence for each thing that is not as it was acknowledged; empty where all is */
  check(): Promise<string[]>;
  close(): Promise<void>;
}

/** One stretch of load. */
export interface Window {
  /** Acknowledged. */
  postings: number;
  elapsedMs: number;
  /** Of each request or transaction. */
  latenciesMs: ArrayLike<number>;
}

/** A peer's row in the results. */
export interface PeerResult extends PeerRow {
  notes: string;
  /** Postings per second of each round. */
  samples: number[];
  /** What the check found; empty where nothing is lost and every chain verifies. */
  faults: string[];
  /** Of ours over HTTP, best over the concurrencies of the same batch size, to this row. */
  oursOverHttpTo?: number;
}

export const ONE_BY_ONE: readonly Cell[] = [1, 16, 64].map((concurrency) => ({ concurrency, batch: 1 }));
/** Two of them as well: with so many clients PostgreSQL keeps both cores busy, and is at its best. */
export const BATCHED: readonly Cell[] = [1, 2, 16, 64].map((concurrency) => ({ concurrency, batch: 50 }));

/** Accounts that postings are spread over, in every peer. */
export const ACCOUNTS = 1_000;
