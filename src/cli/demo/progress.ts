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

/** `simulate  2025-01-14  13 of 30 days  3,210 commands/s  9,400 events/s  refused 21  breaches 0` */
export function progressLine({ metrics, days, now }: Pick<ProgressOptions, 'metrics' | 'days' | 'now'>): string {
  const wholeSecondMs = Math.floor(now() / 1000) * 1000;
  const window = { sinceMs: wholeSecondMs - RATE_WINDOW_MS, untilMs: wholeSecondMs - 1 };
  const rate = (name: string): string => count(metrics.query(name, window).sum / (RATE_WINDOW_MS / 1000));
  const total = (name: string): number => metrics.query(name).sum;
  const commands = total('CommandAccepted') + total('CommandRefused');
  const day = metrics.latest('SimulatedDay');
  const place =
    day === undefined
      ? `seed      ${count(commands)} commands`
      : `simulate  ${dateOf(day.properties)}  ${day.value} of ${days} days`;
  return [
    place,
    `${rate('CommandAccepted')} commands/s`,
    `${rate('EventsAppended')} events/s`,
    `refused ${count(total('CommandRefused'))}`,
    `breaches ${count(total('InvariantBreaches'))}`,
  ].join('  ');
}

function dateOf(properties: Record<string, unknown>): string {
  const date = properties['simulatedDate'];
  return typeof date === 'string' ? date : '';
}
