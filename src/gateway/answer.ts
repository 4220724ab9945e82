import type { ChainEvent } from '../contract/events.ts';
import { eventIdOf, linkHash, type Sha256 } from '../core/chain/hash.ts';
import { parseLine } from '../core/chain/line.ts';
import type { Commit, Journal } from '../journal/port.ts';
import { type Reply, violationOf } from './reply.ts';

/** Where the events of an answered command are found: in commits at hand, else in the journal. */
export interface AnswerContext {
  tenantId: string;
  journal: Journal;
  exponent: number;
  sha256: Sha256;
  /** Commits just appended. */
  commits: readonly Commit[];
}

interface Located {
  event: ChainEvent;
  eventId: string;
  chain: string;
  committedAt: string;
}

/** Lines and event ids of commits, computed once for all commands of a group. */
export class Answers {
  readonly #context: AnswerContext;
  readonly #opened = new Map<Commit, { lines: string[]; ids: string[] }>();
  readonly #fetched = new Map<string, Commit>();

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  /** Gives a command's answer from its events: the same answer now and at any repeat. */
  async answer(home: string, place: { seq: number; events: number }): Promise<Reply> {
    const first = await this.#locate(home, place.seq);
    const { event } = first;
    if (event.type === 'CommandRefused') return { kind: 'violation', body: violationOf(event, this.#context.exponent) };
    const located = [first];
    for (let seq = place.seq + 1; seq < place.seq + place.events; seq += 1) located.push(await this.#locate(home, seq));
    for (const other of event.command?.others ?? []) located.push(await this.#locate(other.chain, other.seq));
    return {
      kind: 'accepted',
      body: {
        commandId: event.causationId,
        status: 'ACCEPTED',
        correlationId: first.eventId,
        acceptedAt: first.committedAt,
        entityId: event.entityId,
        events: located.map((item) => ({
          eventId: item.eventId,
          eventType: item.event.type,
          chain: item.chain,
          seq: item.event.seq,
        })),
      },
    };
  }

  async #locate(chain: string, seq: number): Promise<Located> {
    const commit = await this.#commitAt(chain, seq);
    const { lines, ids } = this.#open(commit);
    const index = seq - commit.firstSeq;
    const [line, eventId] = [lines[index], ids[index]];
    if (line === undefined || eventId === undefined)
      throw new Error(`Cannot find event ${seq} in its commit on chain "${chain}"`);
    return { event: parseLine(line), eventId, chain, committedAt: commit.committedAt };
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

  #open(commit: Commit): { lines: string[]; ids: string[] } {
    let opened = this.#opened.get(commit);
    if (!opened) {
      const lines = commit.body.split('\n');
      let hash = commit.prevHash;
      const ids = lines.map((line) => eventIdOf((hash = linkHash(hash, line, this.#context.sha256))));
      opened = { lines, ids };
      this.#opened.set(commit, opened);
    }
    return opened;
  }
}
