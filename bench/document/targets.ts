import { type BenchResult, type FigureResult, isGoalMet, type Results } from '../support/results.ts';
import { amount, targetText, verdictOf } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

/** Figures that have a section of their own. */
const ELSEWHERE = new Set(['peers']);

/** Every figure with its target, and below how each was measured. */
export function targetsSection(results: Results): string[] {
  const benches = results.benches.filter(({ name }) => !ELSEWHERE.has(name));
  const rows = benches.flatMap(({ figures }) => figures.map(rowOf));
  const missing = benches.filter(({ error }) => error !== undefined);
  return [
    '## Figures and targets',
    ...summaryOf(results),
    markdownTable(
      [
        { title: 'what' },
        { title: 'median', align: 'right' },
        { title: 'range', align: 'right' },
        { title: 'samples', align: 'right' },
        { title: 'unit' },
        { title: 'target' },
        { title: '' },
      ],
      rows,
    ),
    ...missing.map(({ name, error = '' }) => `\`${name}\` gave no figures: ${error}`),
  ];
}

/** How many of the targets are met, and which are not, those against other stores among them, our own left out. */
function summaryOf({ benches }: Results): string[] {
  const asked = benches.flatMap(({ figures }) => figures).filter(({ met, target }) => met !== null && !target?.own);
  if (asked.length === 0) return [];
  const missed = asked.filter(({ met }) => met === false);
  const count = `${asked.length - missed.length} of ${asked.length} targets are met.`;
  const short = asked.filter(({ met, median, target }) => met === true && isGoalMet(median, target) === false);
  return [
    ...(missed.length === 0 ? [count] : [listOf(`${count} Not met:`, missed)]),
    ...(short.length === 0 ? [] : [listOf('Met, but not the goal beyond it:', short)]),
  ];
}

function listOf(title: string, figures: readonly FigureResult[]): string {
  const lines = figures.map(
    (figure) => `- ${figure.name}: ${amount(figure.median)} ${figure.unit}, ${targetText(figure.target)}`,
  );
  return [title, '', ...lines].join('\n');
}

/** A commit as people read it: `abc+` is one with changes. */
export function commitText(commit: string): string {
  return commit.replace('+', ', with changes');
}

function rowOf(figure: FigureResult): string[] {
  const { name, median, min, max, unit, target, met, samples } = figure;
  const verdict = verdictOf(figure);
  return [
    name,
    amount(median),
    samples.length > 1 ? `${amount(min)} to ${amount(max)}` : '',
    String(samples.length),
    unit,
    targetText(target),
    met === false ? `**${verdict}**` : verdict,
  ];
}

/** How each figure came about, a list for each benchmark. */
export function methodSection(results: Results): string[] {
  return [
    '## Method',
    `Each benchmark runs in a process of its own, one after the other: \`npm run bench\` for the short forms, \`npm run bench -- --full\` for
the long ones, \`npm run bench -- --peers\` with the other stores. Warm-up is left out. A figure is the median of its runs, and the range
says how far they lay apart; the load average before a benchmark is that of the one before it, and of the machine only before the first. Load comes from a process of its own on the same
machine, over real HTTP with a real token, and shares the cores with what it loads.`,
    ...results.benches.filter(({ figures }) => figures.length > 0).map(methodsOf),
  ];
}

function methodsOf({ name, title, full, commit, loadAverage, figures }: BenchResult): string {
  const byMethod = Map.groupBy(figures, ({ method }) => method);
  return [
    `**${name}**: ${title}. ${full ? 'Long form' : 'Short form'}${commit === undefined ? '' : `, at commit ${commitText(commit)}`}, load average ${loadAverage.before} before and ${loadAverage.after} after.`,
    '',
    ...[...byMethod].map(([method, of]) => `- ${of.map((figure) => figure.name).join('; ')}: ${method}.`),
  ].join('\n');
}
