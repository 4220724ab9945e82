import { hash as hashOf } from 'node:crypto';
import type { ChainEvent } from '../../../src/contract/events.ts';
import { commitOfItem } from '../../../src/journal/items.ts';
import type { Landing } from '../system/engine.ts';
import { fail } from './fail.ts';

export interface Line {
  /** Full name of the chain. */
  pk: string;
  tenantId: string;
  chain: string;
  event: ChainEvent;
  /** Hash of the line in its chain. */
  hash: string;
  /** When it came into the journal. */
  atMs: number;
  committedAt: string;
}

/** A command as it stands in the journal: its events on all chains, those of its home chain first. */
export interface Recorded {
  lines: readonly [Line, ...Line[]];
  /** Number of the write that it came with. */
  landing: number;
}

const sha256 = (text: string): string => hashOf('sha256', text, 'hex');

/** Everything in the journal, followed from its first write to its last: chains, and commands in the order in which they came. */
export class JournalReading {
  /** By the chain's full name; the event of seq n is at n − 1. */
  readonly chains = new Map<string, Line[]>();
  readonly commands: Recorded[] = [];

  constructor(landings: readonly Landing[]) {
    for (const [index, landing] of landings.entries()) this.#take(landing, index);
  }

  hashAt(pk: string, seq: number): string {
    return this.chains.get(pk)?.[seq - 1]?.hash ?? (seq === 0 ? sha256(pk) : 'none');
  }

  #take({ items, atMs }: Landing, landing: number): void {
    const fresh = new Map<string, Line[]>();
    for (const item of items) {
      const pk = item['pk']?.S ?? '';
      if (pk.includes('#unique#')) continue;
      const { tenantId, chain, firstSeq, lastSeq, prevHash, headHash, body, committedAt } = commitOfItem(item);
      const before = this.chains.get(pk) ?? [];
      let hash = before.at(-1)?.hash ?? sha256(pk);
      if (firstSeq !== before.length + 1 || prevHash !== hash)
        fail(`${pk}/${firstSeq} does not follow ${before.length}`);
      const lines = body.split('\n').map((line, index): Line => {
        const event = JSON.parse(line) as ChainEvent; // what it says is compared with the model
        if (event.seq !== firstSeq + index) fail(`${pk} has event ${event.seq} at ${firstSeq + index}`);
        hash = sha256(hash + line);
        return { pk, tenantId, chain, event, hash, atMs, committedAt };
      });
      if (hash !== headHash || lastSeq !== firstSeq + lines.length - 1)
        fail(`${pk}/${firstSeq} does not hash to its head, or ends elsewhere than it says`);
      before.push(...lines);
      this.chains.set(pk, before);
      if (fresh.has(pk)) fail(`${pk} was written twice in one request`);
      fresh.set(pk, lines);
    }
    this.#attribute(fresh, landing);
  }

  /** Each event of a write belongs to a command whose events are all in it, in an order that suits every chain. */
  #attribute(fresh: Map<string, Line[]>, landing: number): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const [pk, lines] of fresh) {
        const taken = takeCommand(pk, lines, fresh);
        if (!taken) continue;
        this.commands.push({ ...taken, landing });
        progress = true;
      }
    }
    for (const [pk, [line]] of fresh)
      if (line) fail(`${pk}/${line.event.seq} belongs to no command, or to half of one: ${line.event.type}`);
  }
}

/** Takes the command off whose first event is next on a chain, if its events on other chains are next there. */
function takeCommand(pk: string, lines: Line[], fresh: Map<string, Line[]>): Pick<Recorded, 'lines'> | undefined {
  const [first] = lines;
  const mark = first?.event.command;
  if (!first || !mark || lines.length < mark.events) return undefined;
  const ofOthers = new Map<string, number[]>();
  for (const { chain, seq } of mark.others ?? []) {
    const other = `${first.tenantId}#chain#${chain}`;
    ofOthers.set(other, [...(ofOthers.get(other) ?? []), seq]);
  }
  for (const [other, seqs] of ofOthers) {
    const next = fresh.get(other) ?? [];
    if (other === pk || seqs.some((seq, index) => next[index]?.event.seq !== seq)) return undefined;
  }
  const [, ...own] = lines.splice(0, mark.events);
  const away = [...ofOthers].flatMap(([other, seqs]) => fresh.get(other)?.splice(0, seqs.length) ?? []);
  return { lines: [first, ...own, ...away] };
}
