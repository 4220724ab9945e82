import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** What a stream is for; equal names give equal streams, different names independent ones. */
export interface StreamName {
  seed: string;
  tenantId: string;
  /** Member index, or -1 for the tenant as a whole. */
  member: number;
  purpose: string;
}

/**
 * One independent sequence of random choices per (seed, tenant, member, purpose): a plan never depends on
 * who else was planned before it, so neither order nor concurrency can change a result.
 */
export class Stream {
  readonly #generator: RandomGenerator;

  constructor(name: StreamName) {
    this.#generator = xoroshiro128plusFromState(
      stateOf(`${name.seed}|${name.tenantId}|${name.member}|${name.purpose}`),
    );
  }

  /** A number from 0 up to, but not including, 1. */
  unit(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.unit();
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.unit() * items.length)];
    if (item === undefined) throw new RangeError('Cannot pick from an empty list');
    return item;
  }

  /** Picks by `weight`; the weights need not sum to 1. */
  weighted<Item extends { weight: number }>(items: readonly Item[]): Item {
    let total = 0;
    for (const item of items) total += item.weight;
    let left = this.unit() * total;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    const last = items.at(-1);
    if (last === undefined) throw new RangeError('Cannot pick from an empty list');
    return last;
  }

  /**
   * Nearly standard normal: the sum of four uniform numbers, scaled to variance 1 (each has 1/12), so within ±3.46.
   * Only exact arithmetic: logarithms and cosines may differ in the last bit between machines, and with them a digest.
   */
  normal(): number {
    return (this.unit() + this.unit() + this.unit() + this.unit() - 2) * SQRT_3;
  }

  logNormal(median: number, sigma: number): number {
    return median * exponential(sigma * this.normal());
  }
}

const SQRT_3 = 1.7320508075688772;
const SQUARINGS = 12;

/** e^x as (1 + x / 4096)^4096, by multiplications alone; within 0.2 % for |x| ≤ 4. */
export function exponential(x: number): number {
  let power = 1 + x / 2 ** SQUARINGS;
  for (let step = 0; step < SQUARINGS; step += 1) power *= power;
  return power;
}

/** cyrb128 by bryc (public domain): four well-mixed 32-bit words from a text. */
function stateOf(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  // The generator must not start at all zeros; 1 in the last word is as good as any other state.
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, (h4 ^ h1) | 1];
}
