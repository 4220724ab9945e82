import type { ChainEvent, CommandMark } from '../contract/events.ts';
import { linkHash, type Sha256 } from '../core/chain/hash.ts';
import { lineOf } from '../core/chain/line.ts';
import { CATALOG } from '../core/chain/name.ts';
import { overlayOf } from '../core/chain/overlay.ts';
import { type ChainState, evolveChain, type Remembered } from '../core/chain/state.ts';
import type { Claim, Command } from '../core/command.ts';
import { decide, type DecisionContext } from '../core/decide.ts';
import type { NewEvent } from '../core/decision.ts';
import { APPEND_MAX_ITEMS, type ChainReplica, type Commit, type Reservation } from '../journal/port.ts';
import type { Located } from './answer.ts';
import { CommitSize } from './commit-size.ts';

/** UTF-8 bytes of one commit's lines: an item of the engine holds 400 KB, and what cannot be compressed stays as large. */
const COMMIT_MAX_BYTES = 300 * 1024;
/** The same of all commits of one append: a transaction of the engine takes 4 MB. */
const APPEND_MAX_BYTES = 3 * 1024 * 1024;

/** A command with the chains it touches, home first. */
export interface Routed {
  command: Command;
  chains: readonly [string, ...string[]];
}

/** What became of a command in a group: its events, those of its home chain first, or where they have long been. */
export type GroupOutcome =
  | { kind: 'decided'; placed: readonly Placed[] }
  | { kind: 'repeat'; home: string; remembered: Remembered }
  | { kind: 'reused' };

interface ChainDraft {
  replica: ChainReplica;
  state: ChainState;
  apply: () => void;
  lines: string[];
  size: CommitSize;
  hash: string;
}

/** An event with its place. */
interface Placed extends Located {
  line: string;
}

/** What has to be appended for a group. */
export interface Draft {
  commits: Commit[];
  reservations: Reservation[];
  committedAt: string;
}

export interface GroupContext {
  tenantId: string;
  catalog: Pick<DecisionContext, 'tenant' | 'product'>;
  sha256: Sha256;
  /** Digests of claims that the journal has already said are taken. */
  taken: ReadonlySet<string>;
}

/**
 * Commands decided together, in order, each on the state that the one before left: the draft of one append.
 * Nothing outside changes until `apply`.
 */
export class Group {
  readonly outcomes: GroupOutcome[] = [];
  /** Whether a command over several chains is refused: the append writes that on its home chain, and guards no other. */
  refusesAcross = false;
  readonly #context: GroupContext;
  readonly #drafts = new Map<string, ChainDraft>();
  readonly #reservations: Reservation[] = [];
  readonly #claimed = new Set<string>();
  readonly #size = new CommitSize();
  readonly #chain: DecisionContext['chain'] = (name) => ({
    state: this.#draft(name).state,
    nextSeq: this.#nextSeq(name),
  });
  readonly #isTaken: DecisionContext['isTaken'] = (claim) =>
    this.#context.taken.has(claimKey(claim)) || this.#claimed.has(claimKey(claim));

  constructor(replicas: readonly ChainReplica[], context: GroupContext) {
    this.#context = context;
    for (const replica of replicas) {
      const { state, apply } = overlayOf(replica.state);
      this.#drafts.set(replica.ref.chain, {
        replica,
        state,
        apply,
        lines: [],
        size: new CommitSize(),
        hash: replica.hash,
      });
    }
  }

  /** Decides one more command. @returns false when the group is full and the command must wait for the next */
  add({ command, chains }: Routed): boolean {
    const [home] = chains;
    const remembered = this.#draft(home).state.commands.get(command.key);
    if (remembered) {
      this.outcomes.push(
        remembered.digest === command.digest ? { kind: 'repeat', home, remembered } : { kind: 'reused' },
      );
      return true;
    }
    const placed = this.#place(command, home);
    if (!this.#fits(placed, command)) return false;
    for (const each of placed) {
      const draft = this.#draft(each.chain);
      draft.lines.push(each.line);
      draft.size.add(each.line);
      draft.hash = linkHash(draft.hash, each.line, this.#context.sha256);
      each.hash = draft.hash;
      evolveChain(draft.state, each.event);
      this.#size.add(each.line);
    }
    const [first] = placed;
    if (!first) throw new Error(`Cannot add command "${command.commandId}": it has no events`);
    if (first.event.type === 'CommandRefused' && chains.length > 1) this.refusesAcross = true;
    if (first.event.type === 'CustomerCreated') this.#reserve(command, first.event.entityId);
    this.outcomes.push({ kind: 'decided', placed: homeFirst(placed, home) });
    return true;
  }

  /** @returns what has to be appended; no commits where all commands were repeats */
  draft(committedAt: string): Draft {
    const commits: Commit[] = [];
    for (const { replica, lines, hash } of this.#drafts.values()) {
      if (lines.length === 0) continue;
      commits.push({
        ...replica.ref,
        firstSeq: replica.seq + 1,
        lastSeq: replica.seq + lines.length,
        prevHash: replica.hash,
        headHash: hash,
        body: lines.join('\n'),
        committedAt,
      });
    }
    return { commits, reservations: this.#reservations, committedAt };
  }

  /** Brings the appended commits into the replicas. */
  apply(commits: readonly Commit[]): void {
    for (const commit of commits) {
      const { replica, apply } = this.#draft(commit.chain);
      replica.advance(commit, apply);
    }
  }

  #draft(chain: string): ChainDraft {
    const draft = this.#drafts.get(chain);
    if (!draft) throw new Error(`Cannot decide on chain "${chain}": the group does not hold it`);
    return draft;
  }

  #nextSeq(chain: string): number {
    const { replica, lines } = this.#draft(chain);
    return replica.seq + lines.length + 1;
  }

  /** A group on the catalog chain sees what it has itself decided there. */
  #catalog(): Pick<DecisionContext, 'tenant' | 'product'> {
    const state = this.#drafts.get(CATALOG)?.state;
    if (!state) return this.#context.catalog;
    return { tenant: state.tenants.get(this.#context.tenantId), product: (code) => state.products.get(code) };
  }

  /** Decides, and gives the events their places in the chains. */
  #place(command: Command, home: string): Placed[] {
    const decision = decide(command, { ...this.#catalog(), home, chain: this.#chain, isTaken: this.#isTaken });
    const events: NewEvent[] =
      decision.outcome === 'accepted'
        ? decision.events
        : [
            {
              chain: home,
              type: 'CommandRefused',
              entityId: command.commandId,
              payload: { error: decision.error, details: decision.details },
            },
          ];

    const next = new Map<string, number>();
    const others: { chain: string; seq: number }[] = [];
    const seqs = events.map(({ chain }) => {
      const seq = next.get(chain) ?? this.#nextSeq(chain);
      next.set(chain, seq + 1);
      if (chain !== home) others.push({ chain, seq });
      return seq;
    });
    const mark: CommandMark = {
      type: command.type,
      key: command.key,
      digest: command.digest,
      actor: command.actor,
      events: events.length - others.length,
      ...(others.length > 0 && { others }),
    };
    return events.map(({ chain, type, entityId, payload }, index) => {
      // Type and payload belong together: they come from one member of the union NewEvent.
      const event = {
        seq: seqs[index],
        type,
        entityId,
        occurredAt: command.occurredAt,
        causationId: command.commandId,
        command: index === 0 ? mark : undefined,
        payload,
      } as ChainEvent;
      return { chain, event, line: lineOf(event), hash: '' };
    });
  }

  #fits(placed: readonly Placed[], command: Command): boolean {
    if (this.outcomes.length === 0) return true;
    const claims = command.type === 'CreateCustomer' ? command.claims.length : 0;
    const lines = placed.map(({ line }) => line);
    const chains = new Set(placed.map(({ chain }) => chain));
    return (
      this.#drafts.size + this.#reservations.length + claims <= APPEND_MAX_ITEMS &&
      this.#size.hasRoomFor(lines, APPEND_MAX_BYTES) &&
      [...chains].every((chain) => this.#draft(chain).size.hasRoomFor(lines, COMMIT_MAX_BYTES))
    );
  }

  #reserve(command: Command, holder: string): void {
    if (command.type !== 'CreateCustomer') return;
    for (const claim of command.claims) {
      this.#claimed.add(claimKey(claim));
      this.#reservations.push({ tenantId: this.#context.tenantId, ...claim, holder });
    }
  }
}

/** An answer names the events of the home chain first, as a repeat finds them. */
function homeFirst(placed: readonly Placed[], home: string): readonly Placed[] {
  if (placed.every(({ chain }) => chain === home)) return placed;
  return [...placed.filter(({ chain }) => chain === home), ...placed.filter(({ chain }) => chain !== home)];
}

export function claimKey(claim: Claim): string {
  return `${claim.kind}:${claim.digest}`;
}
