import type { ChainEvent } from '../contract/events.ts';
import { eventIdOf, linkHash, type Sha256 } from '../core/chain/hash.ts';
import { parseLine } from '../core/chain/line.ts';
import type { Commit, Journal } from '../journal/port.ts';
import { type Reply, violationOf } from './reply.ts';

/** Where the events of a repeated command are found: in commits at hand, else in the journal. */
export interface AnswerContext {
  tenantId: string;
  journal: Journal;
  exponent: number;
  sha256: Sha256;
  /** Commits just appended. */
  commits: readonly Commit[];
}

/** An event of a command, with its hash. */
export interface Located {
  chain: string;
  event: ChainEvent;
  hash: string;
}

/** @param located the command's events, those of its home chain first */
export function replyOf(located: readonly Located[], options: { committedAt: string; exponent: number }): Reply {
  const [first] = located;
  if (!first) throw new Error('Cannot answer a command without events');
  const { event } = first;
  if (event.type === 'CommandRefused') return { kind: 'violation', body: violationOf(event, options.exponent) };
  const events = located.map((each) => ({
    eventId: eventIdOf(each.hash),
    eventType: each.event.type,
    chain: each.chain,
    seq: each.event.seq,
  }));
  return {
    kind: 'accepted',
    body: {
      commandId: event.causationId,
      status: 'ACCEPTED',
      correlationId: eventIdOf(first.hash),
      acceptedAt: options.committedAt,
      entityId: event.entityId,
      events,
    },
  };
}

/** Answers of commands that were decided before, read from their events: the same as they got then. */
export class Repeats {
  readonly #context: AnswerContext;
  readonly #opened = new Map<Commit, { lines: string[]; hashes: string[] }>();
  readonly #fetched = new Map<string, Commit>();

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  async answer(home: string, place: { seq: number; events: number }): Promise<Reply> {
    const { committedAt } = await this.#commitAt(home, place.seq);
    const first = await this.#locate(home, place.seq);
    const located = [first];
    for (let seq = place.seq + 1; seq < place.seq + place.events; seq += 1) located.push(await this.#locate(home, seq));
    for (const other of first.event.command?.others ?? []) located.push(await this.#locate(other.chain, other.seq));
    return replyOf(located, { committedAt, exponent: this.#context.exponent });
  }

  async #locate(chain: string, seq: number): Promise<Located> {
    const commit = await this.#commitAt(chain, seq);
    const { lines, hashes } = this.#open(commit);
    const index = seq - commit.firstSeq;
    const [line, hash] = [lines[index], hashes[index]];
    if (line === undefined || hash === undefined)
      throw new Error(`Cannot find event ${seq} in its commit on chain "${chain}"`);
    return { event: parseLine(line), hash, chain };
  }

  async #commitAt(chain: string, seq: number): Promise<Commit> {
    const { commits, tenantId, journal } = this.#context;
    const holds = (commit: Commit) => commit.chain === chain && commit.firstSeq <= seq && seq <= commit.lastSeq;
    const known = commits.find(holds) ?? [...this.#fetched.values()].find(holds);
    if (known) return known;
    const commit = await journal.commitAt({ tenantId, chain }, seq);
    if (!commit) throw new Error(`Cannot find event ${seq} of chain "${chain}" in the journal`);
    this.#fetched.set(`${chain}/${commit.firstSeq}`, commit);
    return commit;
  }

  #open(commit: Commit): { lines: string[]; hashes: string[] } {
    let opened = this.#opened.get(commit);
    if (!opened) {
      const lines = commit.body.split('\n');
      let hash = commit.prevHash;
      const hashes = lines.map((line) => (hash = linkHash(hash, line, this.#context.sha256)));
      opened = { lines, hashes };
      this.#opened.set(commit, opened);
    }
    return opened;
  }
}
