import type { MetricsStore } from '../../local/index.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../text/numbers.ts';

/** How often the live line changes, and how often a line is added where there is none. */
const LIVE_MS = 200;
const LINE_MS = 5_000;
/** Rates are over the last whole seconds: metrics are kept by second. */
const RATE_WINDOW_MS = 2_000;

export interface ProgressOptions {
  metrics: MetricsStore;
  terminal: Terminal;
  days: number;
  /** First simulated day. */
  start: string;
  now: () => number;
  /** Told once, at the moment at which the last member was seeded. */
  onSeeded: (atMs: number) => void;
}

/** Shows how a run goes on until the returned function is called. */
export function startProgress(options: ProgressOptions): () => void {
  const { metrics, terminal, now } = options;
  let seeded = false;
  let lineAtMs = now() + LINE_MS;

  function look(): void {
    const day = metrics.latest('SimulatedDay');
    if (day !== undefined && !seeded) {
      seeded = true;
      // Day 0 ends with the seeding. Who looks too late for it, at a tiny run, takes the moment of looking.
      options.onSeeded(day.value === 0 ? day.atMs : now());
    }
    if (terminal.interactive) terminal.live(progressLine(options));
    else if (now() >= lineAtMs) {
      lineAtMs = now() + LINE_MS;
      terminal.note(progressLine(options));
    }
  }
  const timer = setInterval(look, LIVE_MS);
  return () => {
    clearInterval(timer);
    look();
  };
}

/** `2025-01-14 13/30  3,210 cmd/s 9,400 ev/s  21 refused  0 breaches`: fits a terminal of 80 columns at any size of run. */
export function progressLine(options: Pick<ProgressOptions, 'metrics' | 'days' | 'start' | 'now'>): string {
  const { metrics, days, start, now } = options;
  const wholeSecondMs = Math.floor(now() / 1000) * 1000;
  const window = { sinceMs: wholeSecondMs - RATE_WINDOW_MS, untilMs: wholeSecondMs - 1 };
  const rate = (name: string): string => count(metrics.query(name, window).sum / (RATE_WINDOW_MS / 1000));
  const total = (name: string): number => metrics.query(name).sum;
  const day = metrics.latest('SimulatedDay');
  const breaches = total('InvariantBreaches');
  return [
    day === undefined ? `${start} seeding` : `${dateOf(day, start)} ${day.value}/${days}`,
    `${rate('CommandAccepted')} cmd/s ${rate('EventsAppended')} ev/s`,
    `${count(total('CommandRefused'))} refused`,
    `${count(breaches)} ${breaches === 1 ? 'breach' : 'breaches'}`,
  ].join('  ');
}

/** The tenant is set up on the day before the first: whoever asked for a start is not shown an earlier day. */
function dateOf(day: { value: number; properties: Record<string, unknown> }, start: string): string {
  const date = day.properties['simulatedDate'];
  return typeof date === 'string' && day.value > 0 ? date : start;
}
