import { PRICES } from '../../src/cli/cost/prices.ts';
import type { CostDetails } from '../cost/measured.ts';
import type { EndToEndResult } from '../end-to-end/end-to-end.ts';
import type { Results } from '../support/results.ts';
import { amount } from '../support/result-text.ts';
import { markdownTable } from './markdown.ts';

const EVENTS_PER_SECOND = 200_000;
const EVENTS_AN_ENTRY = 3;
const BATCH = 50;
/** Of one Region and account, before any is raised; and of one shard or partition. */
const QUOTAS = {
  tableUnits: 40_000,
  partitionUnits: 1_000,
  concurrency: 1_000,
  apiRequests: 10_000,
  shardBytes: 1_000_000,
  shardRecords: 1_000,
};
const CHAINS = 16;
/** Credit unions of such a platform, to say how often two commits meet. */
const TENANTS = 16;
/** A conditional put of a few KB within a Region takes some milliseconds; 10 are assumed. */
const PUT_MS = 10;
const MONTH_HOURS = 730;

/** How the platform's headline follows from what was measured here: arithmetic, not a measurement. */
export function awsSection(results: Results): string[] {
  const detailsOf = (name: string): unknown => results.benches.find((bench) => bench.name === name)?.details;
  // The benchmarks `cost` and `end-to-end` wrote them.
  const cost = detailsOf('cost') as CostDetails | undefined;
  const endToEnd = detailsOf('end-to-end') as Record<string, EndToEndResult> | undefined;
  if (!cost) return [];
  const { consumed, count: entries } = cost.batches;
  const entriesPerSecond = EVENTS_PER_SECOND / EVENTS_AN_ENTRY;
  const commits = entriesPerSecond / BATCH;
  const unitsOf = (table: string): number => {
    const units = Object.entries(consumed.byTable).find(([name]) => name.includes(table))?.[1].writeUnits ?? 0;
    return (units / entries) * entriesPerSecond;
  };
  const journalUnits = unitsOf('Journal');
  const viewUnits = unitsOf('Views');
  const streamBytes = (consumed.kinesisBytes / entries) * entriesPerSecond;
  const shardsForRecords = Math.ceil(Math.max(streamBytes / QUOTAS.shardBytes, commits / QUOTAS.shardRecords));
  const cpuMs = (thread: string): number | undefined => cpuMillisecondsOf(endToEnd?.['one-chain'], thread);
  const commandMs = cpuMs('Comm');
  const projectionMs = cpuMs('Proj');
  const concurrencyOf = (msAnEntry: number, waitMs: number): number =>
    Math.ceil((commits * (msAnEntry * BATCH + waitMs)) / 1_000);
  // A shard's batches follow each other, so that each needs as many shards as projections run at once.
  const projections = projectionMs === undefined ? 0 : concurrencyOf(projectionMs, PUT_MS);
  const shards = Math.max(shardsForRecords, projections);
  const row = (what: string, arithmetic: string, need: number, unit: string, quota: string): string[] => [
    what,
    arithmetic,
    `${amount(need)} ${unit}`,
    quota,
  ];
  return [
    '## 200,000 events a second on AWS',
    `Arithmetic from the figures above, not a measurement: ${amount(EVENTS_PER_SECOND)} events a second are ${amount(entriesPerSecond)} entries of ${EVENTS_AN_ENTRY} events, in batches of
${BATCH} for one chain each ${amount(commits)} commits.`,
    markdownTable(
      [{ title: 'what' }, { title: 'from' }, { title: 'needed', align: 'right' }, { title: 'quota or limit' }],
      [
        row(
          'API requests',
          'one for each batch',
          commits,
          'a second',
          `${amount(QUOTAS.apiRequests)} a second, account and Region`,
        ),
        row(
          'journal, write units',
          `${amount(journalUnits / commits)} units a commit`,
          journalUnits,
          'a second',
          `${amount(QUOTAS.tableUnits)} a table`,
        ),
        row(
          'chains, by write units',
          `a partition key takes ${amount(QUOTAS.partitionUnits)} units a second`,
          Math.ceil(journalUnits / QUOTAS.partitionUnits),
          'chains',
          `a tenant has ${CHAINS}`,
        ),
        row(
          'chains, by order',
          `a chain's commits follow each other, ${PUT_MS} ms each`,
          Math.ceil((commits * PUT_MS) / 1_000),
          'chains',
          `a tenant has ${CHAINS}; several tenants, as many times that`,
        ),
        row(
          'views, write units',
          `${amount(viewUnits / entriesPerSecond)} units an entry`,
          viewUnits,
          'a second',
          `${amount(QUOTAS.tableUnits)} a table`,
        ),
        row(
          'Kinesis shards, by records',
          `${amount(streamBytes / 1e6)} MB and ${amount(commits)} records a second`,
          shardsForRecords,
          'shards',
          'a shard takes 1 MB and 1,000 records a second',
        ),
        ...(commandMs === undefined
          ? []
          : [
              row(
                'command functions at once',
                `${amount(commandMs * BATCH)} ms CPU for ${BATCH} entries end to end, ${PUT_MS} ms for the put`,
                concurrencyOf(commandMs, PUT_MS),
                'environments',
                `${amount(QUOTAS.concurrency)} an account and Region`,
              ),
            ]),
        ...(projectionMs === undefined
          ? []
          : [
              row(
                'projection functions at once',
                `${amount(projectionMs * BATCH)} ms CPU for ${BATCH} entries end to end, ${PUT_MS} ms for its writes`,
                projections,
                'environments',
                'one a shard: two would race for the cursors of its chains',
              ),
            ]),
      ],
    ),
    `A chain's commits follow each other whoever makes them: two environments that decide on one chain at once race for its next commit, the
loser's put fails, costs its write units, and is decided again. Nothing sends a chain's commands to one environment, so the chains above
are those that would never rest, a floor. ${amount(TENANTS)} tenants have ${amount(TENANTS * CHAINS)} chains, of which each is then busy ${amount((100 * commits * PUT_MS) / (1_000 * TENANTS * CHAINS))} % of
the time, so that about as many commits in a hundred meet another; a single tenant does not come to this rate. The stream begins with one shard: ${amount(shards)} are
\`ShardCount\` in \`lib/constructs/ledger-data.ts\`, US$${amount(shards * PRICES.kinesisShardHour * MONTH_HOURS)} a month, and some more leave room for what comes unevenly.
CPU times are without V8's helpers, and from requests of 250 entries: smaller ones take more for each entry.`,
    `A store that writes an item for each event needs ${amount(EVENTS_PER_SECOND)} write units a second for the events alone, and twice that within
transactions: beyond the quota of a table, and every general-ledger account would be one hot item. A new table begins at about 4,000
write units a second: warm throughput must be asked for before such a load.`,
  ];
}

/** CPU milliseconds of a thread for an entry, over all rounds. */
function cpuMillisecondsOf(result: EndToEndResult | undefined, thread: string): number | undefined {
  if (!result) return undefined;
  const accepted = result.rounds.reduce((sum, round) => sum + round.accepted, 0);
  const seconds = result.rounds
    .flatMap(({ cpuSeconds }) => Object.entries(cpuSeconds))
    .filter(([name]) => name.includes(thread))
    .reduce((sum, [, each]) => sum + each, 0);
  return (seconds * 1_000) / accepted;
}
