import fc from 'fast-check';
import { anyJson, ODD_NUMBERS, ODD_TEXTS } from './schema-arbitrary.ts';

/** A change of one place in a JSON value: where, counted over all its places, and what. */
export interface Mutation {
  place: number;
  change:
    | { kind: 'remove' }
    | { kind: 'replace'; value: unknown }
    | { kind: 'add'; key: string; value: unknown }
    | { kind: 'repeat' }
    /** Something odd of the same type. */
    | { kind: 'nudge'; pick: number };
}

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    place: fc.nat({ max: 200 }),
    change: fc.oneof(
      fc.record({ kind: fc.constant('remove' as const) }),
      fc.record({ kind: fc.constant('replace' as const), value: anyJson }),
      fc.record({
        kind: fc.constant('add' as const),
        key: fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ maxLength: 8 })),
        value: anyJson,
      }),
      fc.record({ kind: fc.constant('repeat' as const) }),
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('nudge' as const), pick: fc.nat({ max: 1_000 }) }) },
    ),
  }),
  { minLength: 1, maxLength: 2 },
);

/** @returns the value with the mutations done to it; the value itself stays as it is */
export function mutate(value: unknown, changes: readonly Mutation[]): unknown {
  const root = { value: structuredClone(value) };
  for (const { place, change } of changes) {
    const places = placesOf(root);
    const target = places[place % places.length];
    // What is put in belongs to the mutation, and the next one must not change it.
    if (target) apply(target, structuredClone(change));
  }
  return root.value;
}

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

/** Every member of every object and array, in order; an array's are held by its indexes. */
function placesOf(root: object): Place[] {
  const places: Place[] = [];
  const queue: object[] = [root];
  for (let holder = queue.pop(); holder && places.length < 500; holder = queue.pop()) {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key }); // arrays have their indexes as keys
      if (typeof value === 'object' && value !== null) queue.push(value);
    }
  }
  return places;
}

function apply({ holder, key }: Place, change: Mutation['change']): void {
  const value = holder[key];
  switch (change.kind) {
    case 'remove':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 'replace':
      holder[key] = change.value;
      return;
    case 'add':
      // An assignment to `__proto__` would change the prototype; a definition makes a member of this name.
      if (typeof value === 'object' && value !== null)
        Object.defineProperty(value, change.key, {
          value: change.value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return;
    case 'repeat':
      if (Array.isArray(value)) value.push(...value);
      return;
    case 'nudge': {
      const odd: readonly unknown[] = typeof value === 'number' ? ODD_NUMBERS : ODD_TEXTS;
      if (typeof value !== 'object') holder[key] = odd[change.pick % odd.length];
      return;
    }
    default:
      change satisfies never;
  }
}
