import type { Terminal } from '../terminal.ts';
import { duration } from '../text/numbers.ts';

export const PHASES = ['synth', 'start', 'seed', 'simulate', 'verify'] as const;
export type Phase = (typeof PHASES)[number];

/** Times the phases and says when one is done. */
export interface PhaseClock {
  /** Ends the phase at this moment; the next begins. */
  done: (phase: Phase, remark: string, atMs?: number) => void;
  durations: () => Record<`${Phase}Ms`, number>;
}

export function createPhaseClock(terminal: Terminal, now: () => number): PhaseClock {
  const durations: Record<`${Phase}Ms`, number> = { synthMs: 0, startMs: 0, seedMs: 0, simulateMs: 0, verifyMs: 0 };
  let beganMs = now();
  return {
    done(phase, remark, atMs = now()) {
      const tookMs = Math.max(0, atMs - beganMs);
      durations[`${phase}Ms`] = tookMs;
      beganMs = atMs;
      const { good, dim } = terminal.noteStyle;
      terminal.note(`${good('✓')} ${phase.padEnd(8)} ${duration(tookMs).padStart(9)}  ${dim(remark)}`);
    },
    durations: () => ({ ...durations }),
  };
}
