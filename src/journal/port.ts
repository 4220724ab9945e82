import type { ChainRef } from '../core/chain/name.ts';
import type { ChainState } from '../core/chain/state.ts';

/** One append to one chain: the events of one or many commands, as the bytes that are hashed. */
export interface Commit extends ChainRef {
  firstSeq: number;
  lastSeq: number;
  /** Hash of the event before the first, 64 hex characters; the genesis hash for the first commit. */
  prevHash: string;
  /** Hash of the last event. */
  headHash: string;
  /** The lines, joined by newlines, without one at the end. */
  body: string;
  /** Wall clock, ISO 8601 UTC. Beside the hash chain, not in it. */
  committedAt: string;
}

/** A claim on a value that is unique within a tenant. The value itself is not stored, only its SHA-256. */
export interface Reservation {
  tenantId: string;
  kind: 'email' | 'mobile' | 'externalRef';
  digest: string;
  /** The customer who holds it. */
  holder: string;
}

export type AppendResult =
  | { outcome: 'appended' }
  /** Nothing was written: some chain has moved on, or some value is taken. */
  | { outcome: 'rejected'; movedChains: ChainRef[]; taken: Reservation[] };

/** Where commits live. An append is all or nothing, whatever the number of commits and reservations. */
export interface Journal {
  /**
   * @throws JournalUnavailableError when the outcome is unknown or the engine cannot be reached: the commits may
   * or may not be there, and only reading the tail tells
   */
  append(request: { commits: readonly Commit[]; reservations: readonly Reservation[] }): Promise<AppendResult>;
  /** Reads the commits after an event, in order, strongly consistent. */
  read(chain: ChainRef, options: { afterSeq: number }): AsyncIterable<Commit>;
  /** Reads the commit that holds an event. */
  commitAt(chain: ChainRef, seq: number): Promise<Commit | undefined>;
  /** @returns those of the reservations whose value is taken */
  taken(reservations: readonly Reservation[]): Promise<Reservation[]>;
  /** Reads the newest commit of a chain, strongly consistent. */
  lastCommit(chain: ChainRef): Promise<Commit | undefined>;
}

/** A chain's state held in memory, brought up to date from the journal. One owner at a time: callers serialise its use. */
export interface ChainReplica {
  readonly ref: ChainRef;
  /** Seq and hash of the last event folded in; 0 and the genesis hash of an empty chain. */
  readonly seq: number;
  readonly hash: string;
  readonly state: ChainState;
  /**
   * Folds what the journal holds beyond `seq`. Until it ends nothing else may be asked of the replica.
   * @throws JournalUnavailableError, ChainBrokenError, ReplicaBusyError
   */
  catchUp(): Promise<void>;
  /** Moves the head past a commit of the owner's, whose effects `apply` brings into the state. */
  advance(commit: Commit, apply: () => void): void;
}

/** A replica was read or advanced while it was being read: its state would be of two moments. A fault of the caller. */
export class ReplicaBusyError extends Error {
  constructor(chain: string) {
    super(`Cannot use the replica of chain "${chain}" while it is being read`);
    this.name = 'ReplicaBusyError';
  }
}

/** Lists the tenants of the platform; needs credentials that are not bound to a tenant. */
export interface TenantRegistry {
  tenants(): Promise<string[]>;
}

/** Largest number of items in one append: the engine's limit for a transaction. */
export const APPEND_MAX_ITEMS = 100;

/** @throws RangeError when an append is empty or more than the engine takes at once */
export function checkAppendSize(request: { commits: readonly unknown[]; reservations: readonly unknown[] }): void {
  const items = request.commits.length + request.reservations.length;
  if (items < 1 || items > APPEND_MAX_ITEMS)
    throw new RangeError(`Cannot append ${items} items: an append takes 1 to ${APPEND_MAX_ITEMS}`);
}

export class JournalUnavailableError extends Error {
  readonly code = 'JOURNAL_UNAVAILABLE';
  /** Whether the same request may succeed in a moment. */
  readonly retryable: boolean;
  constructor(message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options);
    this.name = 'JournalUnavailableError';
    this.retryable = options.retryable ?? true;
  }
}

/** @returns whether the journal could not be reached, be it through another copy of this module */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'JOURNAL_UNAVAILABLE';
}

/** A chain that does not verify: nothing may be decided on it. */
export class ChainBrokenError extends Error {
  readonly code = 'CHAIN_BROKEN';
  constructor(message: string) {
    super(message);
    this.name = 'ChainBrokenError';
  }
}
