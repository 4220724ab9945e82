import type { Item } from '../../../src/dynamodb/wire.ts';
import { parseChainName } from '../../../src/core/chain/name.ts';
import { commitOfItem } from '../../../src/journal/items.ts';
import type { Doorbell } from '../../../src/views/projection/project-batch.ts';
import { GIVEN_UP } from './nodes.ts';
import type { World } from './world.ts';

interface StreamRecord {
  id: string;
  pk: string;
  image: Item | undefined;
}

interface Shard {
  records: StreamRecord[];
  busy: boolean;
  /** Invocations that were given up and go on. */
  goingOn: number;
}

const SHARDS = 2;
const MAX_BATCH = 8;
/** How late a record may be that was held up. */
const DELAY_MS = 6_000;
const RETRY_MS = 300;
const INVOCATION_TIMEOUT_MS = 60_000;
/** An invocation that is given up early, though it goes on. */
const GIVEN_UP_MS = 400;

/**
 * The stream of changes and the mapping that invokes the projection: records may be lost, come twice, late and in another
 * order; a shard's batches are handed over one at a time, and again from the first record that failed.
 */
export class Stream {
  readonly #world: World;
  readonly #shards: Shard[] = Array.from({ length: SHARDS }, () => ({ records: [], busy: false, goingOn: 0 }));
  #number = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get empty(): boolean {
    return this.#shards.every(({ records, busy }) => records.length === 0 && !busy);
  }

  /** Tells of commits that were just written. */
  changed(items: readonly Item[]): void {
    const { random, scheduler, faults } = this.#world;
    for (const item of items) {
      const pk = item['pk']?.S ?? '';
      const lost = random.chance(faults.recordLost);
      const twice = random.chance(faults.recordTwice);
      const unreadable = random.chance(faults.recordUnreadable);
      if (!parseChainName(pk)) continue; // A reservation's record, which the projection passes over.
      if (lost) {
        this.#world.count('record lost');
        scheduler.note(`stream loses the record of ${pk}/${item['sk']?.N}`);
        continue;
      }
      if (twice) this.#world.count('record twice');
      if (unreadable) this.#world.count('record without a commit');
      for (let copy = 0; copy < (twice ? 2 : 1); copy += 1) this.#send(pk, unreadable ? undefined : item);
    }
  }

  /** Rings for a chain, as the sweep does. */
  ring(pk: string): void {
    this.#send(pk, undefined);
  }

  #send(pk: string, image: Item | undefined): void {
    const { random, faults, scheduler } = this.#world;
    const late = random.chance(faults.recordDelayed);
    const delayMs = random.int(5, 60) + (late ? random.int(0, DELAY_MS) : 0);
    if (late) this.#world.count('record late');
    const shard = this.#shards[Number.parseInt(pk.slice(-2), 36) % SHARDS];
    const record = { id: String((this.#number += 1)), pk, image };
    scheduler.after(delayMs, '', () => {
      shard?.records.push(record);
      if (shard) this.#pump(shard);
    });
  }

  #pump(shard: Shard): void {
    if (shard.busy || shard.records.length === 0) return;
    const { random, scheduler, faults } = this.#world;
    const batch = shard.records.splice(0, random.int(1, MAX_BATCH));
    const givenUp = random.chance(faults.givenUp);
    const node = this.#world.idleProjection();
    shard.busy = true;
    let open = true;
    // Of two that have the same rows in hand each may put old ones over new ones, which only he can tell.
    if (node) node.process.spared = shard.goingOn > 0;
    const finish = (again: readonly StreamRecord[], delayMs: number): void => {
      if (!open) return;
      open = false;
      shard.records.unshift(...again);
      scheduler.after(delayMs, '', () => {
        shard.busy = false;
        this.#pump(shard);
      });
    };
    if (!node) return finish(batch, RETRY_MS);
    this.#watch(batch);
    scheduler.note(`${node.process.name} gets ${batch.map(({ id, pk }) => `#${id} ${pk}`).join(', ')}`);
    let goesOn = false;
    const over = (): void => {
      node.process.spared = false;
      if (goesOn) shard.goingOn -= 1;
    };
    node.project(batch.map(doorbellOf)).then(
      (failed) => {
        over();
        if (failed.length === 0) return finish([], 1);
        // From the first that failed the shard is delivered again, what succeeded after it as well.
        const first = Math.min(...failed.map((id) => batch.findIndex((record) => record.id === id)));
        this.#world.count('batch delivered again from a failed record');
        finish(batch.slice(first), RETRY_MS);
      },
      () => {
        over();
        this.#world.count('batch delivered again');
        finish(batch, RETRY_MS);
      },
    );
    node.process.onDeath(() => finish(batch, RETRY_MS));
    scheduler.after(givenUp ? random.int(20, GIVEN_UP_MS) : INVOCATION_TIMEOUT_MS, '', () => {
      if (!open) return;
      this.#world.count(GIVEN_UP);
      scheduler.note(`${node.process.name} is given up`);
      node.process.spared = true;
      goesOn = true;
      shard.goingOn += 1;
      finish(batch, RETRY_MS);
    });
  }

  #watch(batch: readonly StreamRecord[]): void {
    for (const { pk, image } of batch) {
      const cursor = this.#world.cursorSeq(pk);
      if (image && Number(image['last']?.N) <= cursor) this.#world.count('duplicate record dropped');
      if (image && Number(image['sk']?.N) > cursor + 1) this.#world.count('record ahead of the cursor');
    }
  }
}

function doorbellOf({ id, pk, image }: StreamRecord): Doorbell {
  const ref = parseChainName(pk);
  if (!ref) throw new Error(`There is no chain "${pk}"`);
  return { recordId: id, ref, ...(image && { commit: commitOfItem(image) }) };
}
