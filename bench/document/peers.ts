import type { PeerRow } from '../support/bench.ts';
import type { BenchResult, FigureResult } from '../support/results.ts';
import { amount, targetText, verdictOf } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

/** A row may say more about itself. */
type Row = PeerRow & { notes?: string; faults?: string[] };

/** Why ours does not reach what is asked for against a store, by the beginning of its name. */
const REASONS: readonly [store: string, reason: string][] = [
  [
    'PostgreSQL, best one by one',
    `A posting there is one prepared statement over a Unix socket, worked off by compiled code in the process that writes it. Here it is
an HTTP request with a token, validated, decided, put by a signed HTTP request through the local cloud into another process, and
projected into views meanwhile, on the same two cores. Both share an \`fsync\` between those in flight: it is CPU time that
decides.`,
  ],
  [
    'PostgreSQL, one clearing row',
    `The one row lets postings through one after the other: as many a second from 16 clients as from one, and fewer from 64. Ours has the
clearing account in each of 16 chains and does more with each request in flight, but begins lower, as was said above.`,
  ],
  [
    'PostgreSQL, 50 a transaction',
    `A batch there is one statement that loops within the server. Here each of its commands is parsed, validated and hashed as three events
before the one put, and its views are written meanwhile.`,
  ],
  [
    'castore',
    `It waits for the disk as seldom as ours: the local cloud's front makes one transaction of puts that come together, for it as for
ours. What is left is CPU time. Ours over HTTP spends part of it on HTTP, tokens and views; in process, without them, it does not do 20 times
as much either: the front and the engine take theirs for each put, and one by one a put of ours is shared only by what is in flight
together. castore reads all events of an account for each posting, so that it does less the longer a run is.`,
  ],
  [
    'event-store-adapter-js',
    `It writes in transactions, of which each waits for the disk by itself, where ours share one. Ours over HTTP spends part of its CPU time on
HTTP, tokens and views, which it does not have; in process, without them, what is said of castore holds here too. It has snapshots, and is no slower at the
end of a run.`,
  ],
];

export function peersSection(bench: BenchResult | undefined): string[] {
  if (!bench) return [];
  const rows = (Array.isArray(bench.details) ? bench.details : []) as Row[]; // the benchmark `peers` wrote them
  const faults = rows.flatMap(({ peer, faults: found = [] }) => found.map((fault) => `**${peer}**: ${fault}`));
  const byBatch = [...Map.groupBy(rows, ({ batch }) => batch)].toSorted(([a], [b]) => a - b);
  return [
    '## Side by side with other stores',
    `The same work on each: a double-entry posting between a member and a clearing account, with an overdraft check and an idempotency key,
appended to a hash-chained log, durable when it is acknowledged. All in one run on one machine, in turns; medians of the rounds. A wide
range is that of a store which was several times slower in one round than in the others: it happens to theirs and to ours, and we take it
for the machine's disk. Each was read back afterwards${faults.length === 0 && rows.length > 0 ? ': nothing is lost, and every chain verifies' : ''}.`,
    ...byBatch.flatMap(([batch, each]) => [
      batch === 1
        ? 'One posting a request: postings a second, and the p99 of a request, by requests in flight.'
        : `${batch} postings a request or transaction: postings a second, and the p99 of a request, by requests in flight.`,
      ratesTable(each),
    ]),
    ...(bench.figures.length > 0
      ? [
          'Ours to theirs, each with as many in flight as it is best with (under Method below) but where the number of clients is given, which is theirs; by the rounds in which both were measured:',
          ratiosTable(bench),
          ...reasonsOf(bench),
        ]
      : []),
    ...(rows.length > 0 ? [`How each was set up:\n\n${notesOf(rows)}`] : []),
    ...(faults.length > 0
      ? [`What did not hold:\n\n${[...new Set(faults)].map((each) => `- ${each}`).join('\n')}`]
      : []),
    ...(bench.error === undefined ? [] : [`The comparison gave no figures: ${bench.error}`]),
  ];
}

/** A line for each store, a column for each number of requests in flight. */
function ratesTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b);
  const stores = [...Map.groupBy(rows, ({ peer }) => peer)];
  return markdownTable(
    [{ title: 'store' }, ...columns.map((inFlight) => ({ title: `${inFlight} in flight`, align: 'right' as const }))],
    stores.map(([peer, own]) => [
      peer,
      ...columns.map((inFlight) => {
        const row = own.find(({ concurrency }) => concurrency === inFlight);
        if (!row) return '';
        if (row.postingsPerSecond === undefined) return `no figure: ${row.error ?? 'unknown'}`;
        return `${amount(row.postingsPerSecond)} (${amount(row.p99Ms ?? 0)} ms)`;
      }),
    ]),
  );
}

function ratiosTable({ figures }: BenchResult): string {
  return markdownTable(
    [
      { title: 'ours to theirs' },
      { title: 'ratio', align: 'right' },
      { title: 'range', align: 'right' },
      { title: 'target' },
      { title: '' },
    ],
    figures.map((figure) => [
      figure.name,
      amount(figure.median),
      `${amount(figure.min)} to ${amount(figure.max)}`,
      targetText(figure.target),
      figure.met === false ? `**${verdictOf(figure)}**` : verdictOf(figure),
    ]),
  );
}

/** Settings and notes, each once, with the names of those that they hold for. */
function notesOf(rows: readonly Row[]): string {
  const texts = Map.groupBy(rows, ({ notes = '', setting }) => `${setting}. ${notes}`.trimEnd());
  return [...texts]
    .map(([text, each]) => `- ${[...new Set(each.map(({ peer }) => `**${peer}**`))].join(', ')}: ${text}`)
    .join('\n');
}

/** Why a target is not met, or ours is the slower one. */
function reasonsOf({ figures }: BenchResult): string[] {
  const lost = figures.filter(isLost).map(({ name }) => name);
  const reasons = REASONS.filter(([store]) => lost.some((name) => name.includes(store)));
  if (reasons.length === 0) return [];
  return [
    ['Where ours falls short, and why:', '', ...reasons.map(([store, reason]) => `- **${store}**: ${reason}`)].join(
      '\n',
    ),
  ];
}

function isLost({ met, median }: FigureResult): boolean {
  return met === false || median < 1;
}
