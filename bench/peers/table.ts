import { table } from '../../src/cli/text/table.ts';
import { amount } from '../support/result-text.ts';
import type { PeerResult } from './peer.ts';

/** The comparison as a person reads it on a terminal: a line for each way of driving a peer, then what stands behind the names. */
export function peerLines(rows: readonly PeerResult[], { inMemory }: { inMemory: boolean }): string[] {
  const groups = [...Map.groupBy(rows, ({ peer, batch }) => `${peer}\n${batch}`).values()];
  const columns = [...new Set(rows.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b);
  const lines = groups.map((group) => {
    const [first] = group;
    if (!first) return [];
    const measured = group.filter(({ postingsPerSecond }) => postingsPerSecond !== undefined);
    const ratio = Math.min(...measured.map(({ oursOverHttpTo = Infinity }) => oursOverHttpTo));
    return [
      first.peer,
      String(first.batch),
      ...columns.map((inFlight) => cellText(group.find(({ concurrency }) => concurrency === inFlight))),
      Number.isFinite(ratio) ? `${amount(ratio)} ×` : '',
      verdictOf(first, measured.length > 0),
    ];
  });
  return [
    ...(inMemory ? ['The files are in memory: nothing here was durable.'] : []),
    ...table(
      [
        { title: 'postings/s (p99 of a request) at so many in flight' },
        { title: 'a request', align: 'right' },
        ...columns.map((inFlight) => ({ title: String(inFlight), align: 'right' as const })),
        { title: 'ours to it', align: 'right' },
        { title: 'checked' },
      ],
      lines,
    ),
    '',
    ...notesOf(rows),
  ];
}

function cellText(row: PeerResult | undefined): string {
  if (row?.postingsPerSecond === undefined) return '–';
  return `${amount(row.postingsPerSecond)} (${amount(row.p99Ms ?? 0)} ms)`;
}

function verdictOf({ error, faults }: PeerResult, isMeasured: boolean): string {
  if (error !== undefined) return `not measured: ${error}`;
  if (!isMeasured) return 'not measured';
  return faults.length === 0 ? 'nothing lost, chains verify' : faults.join('; ');
}

/** Notes and settings, each once, with the names they hold for. */
function notesOf(rows: readonly PeerResult[]): string[] {
  const settings = Map.groupBy(
    rows.filter(({ setting }) => setting !== ''),
    ({ notes, setting }) => `${notes} (${setting})`,
  );
  return [...settings].map(([text, [first]]) => `${first?.peer.replace(/, (?:any|accounts) .*/, '')}: ${text}`);
}
