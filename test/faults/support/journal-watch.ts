import type { ChainEvent, CommandMark } from '../../../src/contract/events.ts';
import { genesisHash, linkHash } from '../../../src/core/chain/hash.ts';
import { parseLine } from '../../../src/core/chain/line.ts';
import { chainsOf, fullChainName } from '../../../src/core/chain/name.ts';
import { DEFAULT_CHAINS } from '../../../src/contract/limits.ts';
import type { Journal } from '../../../src/journal/port.ts';
import { sha256 } from '../../../src/journal/sha256.ts';
import type { Decided } from './load.ts';

/** What a command left in the journal. */
interface Trace {
  mark: CommandMark | undefined;
  /** How often it stands there: once, or something was applied twice. */
  marks: number;
  refused: boolean;
  /** `07 4711` */
  places: Set<string>;
}

/**
 * Follows a tenant's chains from restart to restart, and says what is not as the answers have it. What was once read must be
 * there for good: each call begins where the last one ended.
 */
export class JournalWatch {
  readonly #tenantId: string;
  readonly #heads: Map<string, { seq: number; hash: string }>;
  readonly #balances = new Map<string, number>();
  readonly #traces = new Map<string, Trace>();

  constructor(tenantId: string) {
    this.#tenantId = tenantId;
    this.#heads = new Map(
      chainsOf(DEFAULT_CHAINS).map((chain) => [
        chain,
        { seq: 0, hash: genesisHash(fullChainName({ tenantId, chain }), sha256) },
      ]),
    );
  }

  /** Events of all chains. */
  get events(): number {
    return [...this.#heads.values()].reduce((sum, { seq }) => sum + seq, 0);
  }

  /** How far each chain is. */
  get heads(): ReadonlyMap<string, { seq: number; hash: string }> {
    return this.#heads;
  }

  /** What each account holds, in minor units; a GL account on the chain that was read last. */
  get balances(): ReadonlyMap<string, number> {
    return this.#balances;
  }

  /** Reads what is new. @returns what was lost, changed or does not follow */
  async readOn(journal: Journal): Promise<string[]> {
    const faults: string[] = [];
    for (const [chain, head] of this.#heads) {
      const ref = { tenantId: this.#tenantId, chain };
      const old = head.seq === 0 ? undefined : await journal.commitAt(ref, head.seq);
      if (head.seq > 0 && (old?.lastSeq !== head.seq || old.headHash !== head.hash)) {
        faults.push(`Chain ${chain} lost or changed what it held at seq ${head.seq}`);
        continue;
      }
      for await (const commit of journal.read(ref, { afterSeq: head.seq })) {
        if (commit.firstSeq !== head.seq + 1 || commit.prevHash !== head.hash)
          faults.push(`Chain ${chain}: the commit at ${commit.firstSeq} does not follow seq ${head.seq}`);
        for (const line of commit.body.split('\n')) {
          head.hash = linkHash(head.hash, line, sha256);
          head.seq += 1;
          const event = parseLine(line);
          if (event.seq !== head.seq) faults.push(`Chain ${chain}: seq ${event.seq} stands in place ${head.seq}`);
          this.#note(chain, event);
        }
        if (commit.headHash !== head.hash) faults.push(`Chain ${chain} does not hash to its head at ${commit.lastSeq}`);
      }
    }
    return faults;
  }

  /**
   * Compares what clients were told with what was read.
   * @param decided every command that was sent since the last call, for none of which an answer is still due
   */
  compare(decided: readonly Decided[]): string[] {
    const faults = decided.flatMap(({ command, decision }) => {
      const { commandId } = command;
      const trace = this.#traces.get(commandId);
      if (!trace) return [`Command ${commandId} was answered with ${decision.status} and is not in the journal`];
      if (decision.status === 422) return trace.refused ? [] : [`Command ${commandId} was refused, and applied`];
      if (decision.status !== 202)
        return [`Command ${commandId} was answered with ${decision.status}: ${decision.body}`];
      const { events } = JSON.parse(decision.body) as { events: { chain: string; seq: number }[] };
      const told = events.map(({ chain, seq }) => `${chain} ${seq}`).toSorted();
      const held = [...trace.places].toSorted();
      return told.join() === held.join()
        ? []
        : [`Command ${commandId} was told ${told.join()} and holds ${held.join()}`];
    });
    return [...faults, ...this.#unsound()];
  }

  /** @returns the commands that the journal holds */
  commandIds(): string[] {
    return [...this.#traces.keys()];
  }

  #note(chain: string, event: ChainEvent): void {
    let trace = this.#traces.get(event.causationId);
    if (!trace)
      this.#traces.set(event.causationId, (trace = { mark: undefined, marks: 0, refused: false, places: new Set() }));
    trace.places.add(`${chain} ${event.seq}`);
    if (event.type === 'AccountBalanceUpdated') this.#balances.set(event.entityId, event.payload.balanceMinor);
    trace.refused ||= event.type === 'CommandRefused';
    if (!event.command) return;
    trace.mark = event.command;
    trace.marks += 1;
  }

  /** Commands of which only a part is there, or more than one. */
  #unsound(): string[] {
    return [...this.#traces].flatMap(([commandId, { mark, marks, places }]) => {
      if (!mark || marks !== 1) return [`Command ${commandId} stands in the journal ${marks} times`];
      const others = (mark.others ?? []).filter(({ chain, seq }) => places.has(`${chain} ${seq}`)).length;
      const whole = mark.events + (mark.others?.length ?? 0);
      return others === (mark.others?.length ?? 0) && places.size === whole
        ? []
        : [`Command ${commandId} is half applied: ${places.size} of ${whole} events`];
    });
  }
}
