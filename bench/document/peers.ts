import type { PeerRow } from '../support/bench.ts';
import type { BenchResult } from '../support/results.ts';
import { amount, targetText, verdictOf } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

/** A row may say more about itself. */
type Row = PeerRow & { notes?: string };

export function peersSection(bench: BenchResult | undefined): string[] {
  if (!bench) return [];
  const rows = (Array.isArray(bench.details) ? bench.details : []) as Row[]; // the benchmark `peers` wrote them
  const notes = new Map(rows.map(({ peer, notes: said = '', setting }) => [peer, { said, setting }]));
  return [
    '## Side by side with other stores',
    `The same work on each: a double-entry posting between a member and a clearing account, with an overdraft check and an idempotency key,
appended to a hash-chained log, durable when it is acknowledged. All in one run on one machine.`,
    markdownTable(
      [
        { title: 'store' },
        { title: 'postings a request', align: 'right' },
        { title: 'in flight', align: 'right' },
        { title: 'postings/s', align: 'right' },
        { title: 'p99 of a request, ms', align: 'right' },
      ],
      rows.map((row) => [
        row.peer,
        String(row.batch),
        String(row.concurrency),
        row.postingsPerSecond === undefined ? `no figure: ${row.error ?? 'unknown'}` : amount(row.postingsPerSecond),
        row.p99Ms === undefined ? '' : amount(row.p99Ms),
      ]),
    ),
    ...(bench.figures.length > 0 ? [ratiosTable(bench)] : []),
    [...notes].map(([peer, { said, setting }]) => `- **${peer}**: ${setting}. ${said}`.trimEnd()).join('\n'),
    ...(bench.error === undefined ? [] : [`The comparison gave no figures: ${bench.error}`]),
  ];
}

function ratiosTable({ figures }: BenchResult): string {
  return markdownTable(
    [{ title: 'ours to theirs' }, { title: 'ratio', align: 'right' }, { title: 'target' }, { title: '' }],
    figures.map((figure) => [figure.name, amount(figure.median), targetText(figure.target), verdictOf(figure)]),
  );
}
