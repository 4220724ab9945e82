import { table } from '../../src/cli/text/table.ts';
import type { Target } from './bench.ts';
import { isGoalMet, type BenchResult, type FigureResult } from './results.ts';

/** A benchmark's result as a person reads it on a terminal. */
export function resultLines({ name, title, seconds, figures, error, loadAverage }: BenchResult): string[] {
  const rows = figures.map((figure) => [
    figure.name,
    amount(figure.median),
    figure.samples.length > 1 ? `${amount(figure.min)} to ${amount(figure.max)}` : '',
    figure.unit,
    targetText(figure.target),
    verdictOf(figure),
  ]);
  return [
    `${name}: ${title} (${seconds} s, load ${loadAverage.before} before)`,
    ...table(
      [
        { title: '' },
        { title: 'median', align: 'right' },
        { title: 'range', align: 'right' },
        { title: '' },
        { title: 'target' },
        { title: '' },
      ],
      rows,
    ),
    ...(error === undefined ? [] : [`  no figures: ${error}`]),
  ];
}

/** `≥ 50,000`, `≤ 15`, with the goal behind it. */
export function targetText(target: Target | undefined): string {
  if (!target) return '';
  const bound = target.atLeast === undefined ? `≤ ${amount(target.atMost ?? 0)}` : `≥ ${amount(target.atLeast)}`;
  const withGoal = target.goal === undefined ? bound : `${bound}, goal ${amount(target.goal)}`;
  return target.own ? `${withGoal} (our own)` : withGoal;
}

export function verdictOf({ met, median, target }: FigureResult): string {
  if (met === null) return '';
  if (!met) return 'not met';
  if (target?.goal === undefined) return 'met';
  return isGoalMet(median, target) === true ? 'met, goal too' : 'met, goal not';
}

/** Three significant digits for what is small, whole numbers with separators for what is not. */
export function amount(value: number): string {
  const digits = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return new Intl.NumberFormat('en', digits).format(value);
}
