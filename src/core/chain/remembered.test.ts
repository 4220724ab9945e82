import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_WORDS, CommandLog, PIECE_COMMANDS } from './command-log.ts';
import { RememberedCommands } from './remembered.ts';
import type { Remembered } from './state.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
const keyOf = (number: number) => digestOf(`key ${number}`);

/** What `RememberedCommands` is to be like: two generations of maps. */
class Model {
  young = new Map<string, Remembered>();
  old = new Map<string, Remembered>();
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(key: string): Remembered | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: string, value: Remembered): void {
    if (this.young.size >= this.capacity) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }
}

const remembered = fc.record({
  digest: fc.integer().map((number) => digestOf(`digest ${number}`)),
  seq: fc.oneof(fc.nat(), fc.maxSafeNat()),
  events: fc.nat({ max: 2_047 }),
});

describe('RememberedCommands', () => {
  it('remembers at least its capacity of the newest commands and at most twice as many', () => {
    const commands = new RememberedCommands(100);
    for (let index = 0; index < 1_000; index += 1) {
      commands.set(keyOf(index), { digest: digestOf(''), seq: index, events: 1 });
      for (let back = 0; back < 100 && back <= index; back += 1)
        expect(commands.get(keyOf(index - back))?.seq).toBe(index - back);
      expect(commands.get(keyOf(index - 200))).toBeUndefined();
    }
  });

  it('answers as two generations of maps do, whatever is set, and over again, and taken to pieces on the way', () => {
    // Few keys, so that many come again; some differ in their last digit only, some begin with the same words.
    const key = fc.oneof(
      fc.nat({ max: 60 }).map(keyOf),
      fc.nat({ max: 15 }).map((digit) => keyOf(0).slice(0, 31) + digit.toString(16)),
      fc.nat({ max: 60 }).map((number) => keyOf(0).slice(0, 16) + keyOf(number).slice(16)),
      fc.constantFrom('0'.repeat(32), 'f'.repeat(32)),
    );
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ key, value: remembered }) },
      { weight: 1, arbitrary: fc.constant('again' as const) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
        const model = new Model(capacity);
        let commands = new RememberedCommands(capacity);
        const asked = new Set<string>();
        for (const each of steps) {
          if (each === 'again') {
            const { old, young } = commands.pieces();
            commands = new RememberedCommands(capacity, {
              old: old.map((piece) => piece.slice()),
              young: young.map((piece) => piece.slice()),
            });
          } else {
            asked.add(each.key);
            expect(commands.get(each.key)).toEqual(model.get(each.key));
            commands.set(each.key, each.value);
            model.set(each.key, each.value);
          }
          for (const one of asked) expect(commands.get(one)).toEqual(model.get(one));
        }
      }),
    );
  });

  it('finds each of very many, and no other', () => {
    const commands = new RememberedCommands(20_000);
    const count = 35_000;
    for (let number = 0; number < count; number += 1)
      commands.set(keyOf(number), { digest: keyOf(-number), seq: number + 2 ** 40, events: number % 200 });
    const { old, young } = commands.pieces();
    for (const each of [commands, new RememberedCommands(20_000, { old, young })]) {
      let faults = 0;
      for (let number = 0; number < count; number += 1) {
        const found = each.get(keyOf(number));
        if (found?.seq !== number + 2 ** 40 || found.events !== number % 200 || found.digest !== keyOf(-number))
          faults += 1;
        if (each.get(keyOf(count + number))) faults += 1;
      }
      expect(faults).toBe(0);
    }
  });

  it.each([
    ['a key that is no hex', 'x'.repeat(32), {}],
    ['a key in capitals', keyOf(1).toUpperCase(), {}],
    ['a key that is too short', keyOf(1).slice(1), {}],
    ['a key that is too long', `${keyOf(1)}0`, {}],
    ['a digest that is none', keyOf(1), { digest: 'none' }],
    ['a digest that is too long', keyOf(1), { digest: `${keyOf(1)}0` }],
    ['a seq that is no integer', keyOf(1), { seq: 0.5 }],
    ['a seq below 0', keyOf(1), { seq: -1 }],
    ['a seq beyond 2^53', keyOf(1), { seq: 2 ** 53 }],
    ['half an event', keyOf(1), { events: 0.5 }],
    ['fewer events than none', keyOf(1), { events: -1 }],
    ['more events than a command can have', keyOf(1), { events: 2_048 }],
  ])('does not take %s', (_name, key, change) => {
    const commands = new RememberedCommands();
    expect(() => commands.set(key, { digest: digestOf(''), seq: 1, events: 1, ...change })).toThrow(RangeError);
  });

  it.each([
    ['too short', keyOf(1).slice(1)],
    ['too long', `${keyOf(1)}0`],
    ['no hex', 'x'.repeat(32)],
    ['in capitals', keyOf(1).toUpperCase()],
  ])('does not look for a key that is %s', (_name, key) => {
    const commands = new RememberedCommands();
    commands.set(keyOf(1), { digest: digestOf(''), seq: 1, events: 1 });
    expect(() => commands.get(key)).toThrow(RangeError);
  });

  it('is full when the numbers of its index are used up, and says so', () => {
    const most = 2 ** 20 - 1;
    let state = 1;
    const pieces = Array.from({ length: Math.ceil(most / PIECE_COMMANDS) }, () =>
      new Uint32Array(PIECE_COMMANDS * COMMAND_WORDS).map(() => (state = Math.imul(state, 1_664_525) + 1_013_904_223)),
    );
    expect(() => CommandLog.ofPieces(pieces)).toThrow(`Cannot read a log of ${most + 1} commands`);
    const last = pieces.pop()!;
    const log = CommandLog.ofPieces([...pieces, last.subarray(COMMAND_WORDS)]);
    expect(log.size).toBe(most);
    expect(() => log.set(keyOf(1), { digest: digestOf(''), seq: 1, events: 1 })).toThrow(
      `Cannot remember more than ${most} commands`,
    );
    expect(log.get(keyOf(1))).toBeUndefined();
  });

  it.each([
    ['half a command', [new Uint32Array(COMMAND_WORDS + 1)]],
    ['a piece that is not full before another', [new Uint32Array(COMMAND_WORDS), new Uint32Array(COMMAND_WORDS)]],
    ['a piece that is too large', [new Uint32Array((PIECE_COMMANDS + 1) * COMMAND_WORDS)]],
  ])('is not made of %s', (_name, pieces) => {
    expect(() => CommandLog.ofPieces(pieces)).toThrow(RangeError);
  });
});
