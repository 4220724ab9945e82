import type { GrowthDetails } from '../support/bench.ts';
import type { BenchResult } from '../support/results.ts';
import { medianOf } from '../support/statistics.ts';
import { linePlot, type Point } from './plot.ts';

/** Pictures of the growth section, by file name. */
export function growthPlots(bench: BenchResult | undefined): Record<string, string> {
  const details = bench?.details as GrowthDetails | undefined; // the benchmark `growth` wrote them
  if (!details) return {};
  const { throughput, lists, replicas } = details;
  const plots: Record<string, string> = {};
  if (throughput.length > 1) {
    plots['growth-throughput.svg'] = linePlot({
      title: 'Throughput by the number of events in the journal',
      xLabel: 'events in the journal',
      yLabel: 'commands a second',
      series: [
        {
          name: 'commands/s',
          points: throughput.map(({ events, commandsPerSecond }) => pointOf(events, commandsPerSecond)),
        },
      ],
    });
  }
  if (lists.length > 1) {
    plots['growth-lists.svg'] = linePlot({
      title: 'Time of a page by its offset',
      xLabel: 'offset',
      yLabel: 'milliseconds',
      series: [...Map.groupBy(lists, ({ list }) => list)].map(([name, pages]) => ({
        name,
        points: pages.map(({ offset, milliseconds }) => pointOf(offset, milliseconds)),
      })),
    });
  }
  if (replicas.length > 1) {
    plots['growth-replicas.svg'] = linePlot({
      title: 'Time until a cold replica is ready by the length of its chain',
      xLabel: 'events in the chain',
      yLabel: 'milliseconds',
      series: [
        { name: 'cold replica', points: replicas.map(({ events, milliseconds }) => pointOf(events, milliseconds)) },
      ],
    });
  }
  return plots;
}

function pointOf(x: number, samples: readonly number[]): Point {
  return { x, y: medianOf(samples), from: Math.min(...samples), to: Math.max(...samples) };
}

const CAPTIONS: Record<string, string> = {
  'growth-throughput.svg': 'Throughput by the number of events in the journal',
  'growth-lists.svg': 'Time of a page of a list by its offset',
  'growth-replicas.svg': 'Time until a cold replica may decide, by the length of its chain',
};

/** @param folder of the pictures, as the page links to it */
export function growthSection(bench: BenchResult | undefined, folder: string): string[] {
  const names = Object.keys(growthPlots(bench));
  if (names.length === 0) return [];
  return [
    '## Growth',
    'A ledger only grows. What is slow in a long one is told here, not on the first day of a bank. Points are medians, bars the range of the runs.',
    ...names.map((name) => `![${CAPTIONS[name] ?? name}](${folder}/${name})`),
  ];
}
