/**
 * Brings together what two chains say of one thing. Chains are read one after the other and may grow meanwhile: only halves
 * whose other half has not been read yet are held.
 */
export interface Pairs<Half> {
  /** Takes one half. @returns the other one, `'twice'` for a half that was there already, undefined where it has to wait */
  meet(kind: 'home' | 'away', key: string, half: Half): Half | 'twice' | undefined;
  /** All chains have been read once: what waits now must meet its other half, what comes later may not. */
  mark(): void;
  /** Those that still wait; `due` where they should not. */
  alone(): { kind: 'home' | 'away'; half: Half; due: boolean }[];
}

export function createPairs<Half>(): Pairs<Half> {
  const waiting = new Map<string, { kind: 'home' | 'away'; half: Half; due: boolean }>();
  return {
    meet(kind, key, half) {
      const other = waiting.get(key);
      if (other?.kind === kind) return 'twice';
      if (!other) {
        waiting.set(key, { kind, half, due: false });
        return undefined;
      }
      waiting.delete(key);
      return other.half;
    },
    mark() {
      for (const each of waiting.values()) each.due = true;
    },
    alone: () => [...waiting.values()],
  };
}
