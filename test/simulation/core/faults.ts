import type { Random } from './random.ts';

/**
 * Probabilities of each kind of fault. Each seed has a mixture of its own, with some kinds left out altogether: what all kinds
 * together hide, a few of them show.
 */
export interface Faults {
  /** Of a call to the store. */
  slow: number;
  unreachable: number;
  throttled: number;
  conflict: number;
  lostAnswer: number;
  /** The client's own second attempt of a write whose first answer was lost. */
  retried: number;
  /** A write that arrives after its caller has given it up. */
  late: number;
  unprocessed: number;
  staleRead: number;
  /** Of a record of the stream. */
  recordLost: number;
  recordTwice: number;
  recordDelayed: number;
  recordUnreadable: number;
  /** Of an invocation of the projection: given up while it goes on. */
  givenUp: number;
  /** In each second: a process dies, stands still for a while, has its clock moved, a snapshot is lost or damaged. */
  death: number;
  pause: number;
  clockJump: number;
  snapshotLoss: number;
  snapshotDamage: number;
}

const MOST: Faults = {
  slow: 0.15,
  unreachable: 0.1,
  throttled: 0.08,
  conflict: 0.1,
  lostAnswer: 0.15,
  retried: 0.15,
  late: 0.08,
  unprocessed: 0.3,
  staleRead: 0.3,
  recordLost: 0.4,
  recordTwice: 0.4,
  recordDelayed: 0.5,
  recordUnreadable: 0.2,
  givenUp: 0.2,
  death: 0.7,
  pause: 0.5,
  clockJump: 0.5,
  snapshotLoss: 0.5,
  snapshotDamage: 0.9,
};

const KINDS = Object.keys(MOST) as (keyof Faults)[]; // keys of a const object
const QUIET_SEEDS = 0.05;

export function drawFaults(random: Random): Faults {
  const quiet = random.chance(QUIET_SEEDS);
  const faults = { ...MOST };
  for (const kind of KINDS) {
    const on = random.chance(0.6);
    const share = random.unit();
    faults[kind] = on && !quiet ? MOST[kind] * share : 0;
  }
  return faults;
}

export function noFaults(): Faults {
  const faults = { ...MOST };
  for (const kind of KINDS) faults[kind] = 0;
  return faults;
}
