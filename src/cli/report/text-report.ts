import { BATCH_COMMANDS } from '../../twin/ledger/courier.ts';
import type { Style } from '../terminal.ts';
import { bytes, cents, count, duration, measure, money, usd } from '../text/numbers.ts';
import { table } from '../text/table.ts';
import { calibrationCell, isFarOff } from './calibration-cell.ts';
import { invariantMeaning, labelOf } from './labels.ts';
import { digestNotes, keptNote, REPEATED_NOTE, signedNote } from './notes.ts';
import { breachesIn, checksIn, type CalibrationRow, type Report, type TenantReport } from './report.ts';

const PLAIN_COLUMNS = [{ title: '' }, { title: '', align: 'right' }, { title: '' }] as const;

/** The report as a person reads it in a terminal. */
export function textReport(report: Report, style: Style): string[] {
  const { settings } = report;
  const heading = (text: string): string[] => ['', style.bold(text)];
  return [
    '',
    style.bold(`TuringCore · ${labelOf(report.scenario)}`) + style.dim(' · synthetic data'),
    `  ${settings.members} members, ${settings.days} days from ${settings.start}, seed ${report.seed}`,
    ...report.tenants.flatMap((tenant) => [...heading(tenant.tenantId), ...tenantLines(tenant)]),
    ...heading('Speed'),
    ...speedLines(report),
    ...heading('On AWS this run would have cost, in US dollars'),
    ...costLines(report),
    ...heading('Calibration: ours beside what was set and what is published'),
    ...calibrationLines(report),
    ...heading('Invariants, checked over the whole journal and all views'),
    ...invariantLines(report, style),
    `  The twin’s own books agree with the API on all ${count(report.reconciledAccounts)} accounts.`,
    ...heading('Journal digest'),
    `  ${report.digest}`,
    ...digestNotes(report).map((note) => style.dim(`  ${note}`)),
    ...(report.tenantsBefore.length === 0 ? [style.dim(`  ${report.command}`)] : []),
    `  ${signedNote(report)}`,
    `  ${keptNote(report)}`,
  ];
}

function tenantLines(tenant: TenantReport): string[] {
  const { loans, commands, openingDeposits, currency } = tenant;
  const refusals = Object.entries(tenant.refusedByError).toSorted(([, a], [, b]) => b - a);
  return table(PLAIN_COLUMNS, [
    ['members', count(tenant.members), ''],
    ['accounts', count(tenant.accounts), breakdown(Object.entries(tenant.accountsByProduct))],
    ['entries', count(tenant.entries), `${count(openingDeposits.entries)} of them opening deposits`],
    ['volume', money(tenant.volume, currency), `${money(openingDeposits.volume, currency)} of it opening deposits`],
    [
      'loan applications',
      count(loans.applications),
      `${count(loans.approved)} approved, ${count(loans.refused)} refused`,
    ],
    ['commands accepted', count(commands.accepted), ''],
    ['commands refused', count(commands.refused), breakdown(refusals)],
  ]);
}

function breakdown(entries: readonly (readonly [string, number])[]): string {
  return entries.map(([name, value]) => `${name} ${count(value)}`).join(' · ');
}

function speedLines(report: Report): string[] {
  const { phases, throughput, latencyMs } = report;
  const inPhases = Object.entries(phases).map(([name, ms]) => `${name.replace(/Ms$/, '')} ${duration(Number(ms))}`);
  const rate = (value: number | null): string => (value === null ? '–' : count(value));
  const rows = table(
    [{ title: '' }, { title: '' }],
    [
      ['duration', `${duration(report.durationMs)} (${inPhases.join(', ')})`],
      ['throughput', `${rate(throughput.commandsPerSecond)} commands/s, ${rate(throughput.eventsPerSecond)} events/s`],
      [
        'command latency',
        `a request of up to ${BATCH_COMMANDS} commands over HTTP: p50 ${measure(latencyMs.p50)} ms, p95 ${measure(latencyMs.p95)} ms, p99 ${measure(latencyMs.p99)} ms`,
      ],
      ['projection lag', report.projectionLagMs === null ? '–' : `p95 ${measure(report.projectionLagMs)} ms`],
    ],
  );
  return report.repeated ? [...rows, `  ${REPEATED_NOTE}`] : rows;
}

function costLines({ cost, consumed }: Report): string[] {
  return [
    ...table(
      [{ title: '' }, { title: '', align: 'right' }, { title: '', align: 'right' }, { title: '' }],
      [
        ...cost.items.map((item) => {
          const quantity = item.unit === 'GB-s' ? measure(item.quantity) : count(item.quantity);
          return [`${item.service}, ${item.what}`, cents(item.usd), quantity, item.unit];
        }),
        ['total', cents(cost.total), '', perMillion(cost.perMillionEntries)],
      ],
    ),
    `  ${count(consumed.writeUnits)} write units, ${count(consumed.readUnits)} read units, ${bytes(consumed.kinesisBytes)} through the stream`,
    `  Prices of ${cost.region}, ${cost.pricesAsOf}. Not included: ${cost.notIncluded.join('; ')}.`,
  ];
}

function perMillion(value: number | null): string {
  return value === null ? '– per million entries' : `${usd(value)} per million entries`;
}

function calibrationLines({ calibration }: Report): string[] {
  // A line has to stay one line: what explains a wide gap stands below; the page shows every note.
  const notes = [...new Set(calibration.filter(isFarOff).map(({ note }) => note))].filter((note) => note !== '');
  const markOf = (row: CalibrationRow): string => {
    const number = isFarOff(row) ? notes.indexOf(row.note) + 1 : 0;
    return number === 0 ? '' : ` [${number}]`;
  };
  const rows = table(
    [
      { title: '' },
      { title: 'ours', align: 'right' },
      { title: 'set', align: 'right' },
      { title: 'published', align: 'right' },
      { title: 'source' },
    ],
    calibration.map((row) => [
      `${row.measure}${markOf(row)}`,
      calibrationCell(row.ours, row),
      row.set === null ? '' : calibrationCell(row.set, row),
      row.published === null ? '' : calibrationCell(row.published, row),
      row.source,
    ]),
  );
  return [...rows, ...notes.map((note, index) => `  [${index + 1}] ${note}`)];
}

function invariantLines(report: Report, style: Style): string[] {
  const lines = table(
    [{ title: '' }, { title: 'checked', align: 'right' }, { title: 'breached', align: 'right' }, { title: '' }],
    Object.entries(report.invariants).map(([name, { checked, breaches }]) => [
      name,
      count(checked),
      count(breaches),
      invariantMeaning(name),
    ]),
  );
  const evidence = Object.entries(report.invariants).flatMap(([name, found]) =>
    found.evidence.map((text) => `  ${style.bad(name)}  ${text}`),
  );
  const breaches = breachesIn(report);
  const verdict =
    breaches === 0
      ? style.good(`  All hold: ${count(checksIn(report))} checks, no breach`)
      : style.bad(`  ${count(breaches)} of ${count(checksIn(report))} checks failed`);
  return [...lines, ...evidence, verdict];
}
