import { Buffer } from 'node:buffer';
import type { Item } from '../../../src/dynamodb/wire.ts';
import { SNAPSHOTS } from './engine.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

const EVERY_MS = 500;
/** How a piece of tables begins, in base64; commands are packed otherwise. */
const GZIP = 'H4sI';
const MOST_PAUSE_MS = 5_000;
const MOST_JUMP_MS = 7_200_000;

/** What happens to processes and to the snapshots from outside: deaths, standstills, clocks that jump, items that get lost. */
export class Disturbances {
  readonly #world: World;
  #processes: SimulatedProcess[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#next();
  }

  watch(process: SimulatedProcess): void {
    this.#processes.push(process);
  }

  #next(): void {
    const { scheduler, random } = this.#world;
    scheduler.after(random.int(1, EVERY_MS), '', () => {
      this.#disturb();
      this.#next();
    });
  }

  #disturb(): void {
    const { random, faults } = this.#world;
    this.#processes = this.#processes.filter(({ alive }) => alive);
    if (random.chance(faults.death)) this.#victim()?.kill();
    if (random.chance(faults.pause)) this.#pause();
    if (random.chance(faults.clockJump)) this.#jump();
    if (random.chance(faults.snapshotLoss)) this.#loseSnapshot();
    if (random.chance(faults.snapshotDamage)) this.#damageSnapshot();
  }

  /** Rather one that is at work. */
  #victim(): SimulatedProcess | undefined {
    const { random } = this.#world;
    const mortal = this.#processes.filter(({ spared }) => !spared);
    const busy = mortal.filter(({ calls }) => calls > 0);
    if (busy.length > 0 && random.chance(0.8)) return random.pick(busy);
    return mortal.length > 0 ? random.pick(mortal) : undefined;
  }

  #pause(): void {
    const { random, scheduler } = this.#world;
    const ms = random.int(1, MOST_PAUSE_MS);
    const victim = this.#victim();
    if (!victim) return;
    this.#world.count('process stands still');
    scheduler.note(`${victim.name} stands still for ${ms} ms`);
    victim.pause(ms);
  }

  #jump(): void {
    const { random, scheduler } = this.#world;
    const ms = random.int(-MOST_JUMP_MS, MOST_JUMP_MS);
    const victim = random.pick(this.#processes);
    this.#world.count('clock jumps');
    scheduler.note(`the clock of ${victim.name} jumps by ${ms} ms`);
    victim.skewMs += ms;
  }

  #loseSnapshot(): void {
    const { random, engine, scheduler } = this.#world;
    const items = engine.tables[SNAPSHOTS].all();
    if (items.length === 0) return;
    const { item, sort } = random.pick(items);
    this.#world.count('snapshot lost');
    scheduler.note(`${item['pk']?.S}/${sort} of the snapshots is lost`);
    engine.tables[SNAPSHOTS].delete({ pk: item['pk']?.S ?? '', sk: sort });
  }

  #damageSnapshot(): void {
    const { random, engine, scheduler } = this.#world;
    const items = engine.tables[SNAPSHOTS].all().map(({ item }) => item);
    if (items.length === 0) return;
    const { pk } = random.pick(items);
    const ofManifest = random.chance(0.2);
    this.#world.count('snapshot damaged');
    scheduler.note(`the ${ofManifest ? 'manifest' : 'pieces'} of the snapshot of ${pk?.S} are damaged`);
    for (const item of items.filter((each) => each['pk']?.S === pk?.S)) {
      const { text, data } = item;
      const damaged = { ...item };
      if (ofManifest && text?.S !== undefined)
        damaged['text'] = { S: text.S.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)) };
      if (!ofManifest && data?.B !== undefined) damaged['data'] = { B: this.#otherBytes(data.B, items) };
      engine.tables[SNAPSHOTS].put(damaged, scheduler.nowMs);
    }
  }

  /** Bytes that look right and are not: of another piece of tables, or no commands where there are some. */
  #otherBytes(bytes: string, items: readonly Item[]): string {
    if (!bytes.startsWith(GZIP)) return Buffer.alloc(Buffer.from(bytes, 'base64').length).toString('base64');
    const others = items.flatMap(({ data }) => (data?.B?.startsWith(GZIP) && data.B !== bytes ? [data.B] : []));
    return others.length > 0 ? this.#world.random.pick(others) : '';
  }
}
