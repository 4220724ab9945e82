import type { Style } from '../terminal.ts';
import { bytes, cents, count, duration, measure, money, usd } from '../text/numbers.ts';
import { table } from '../text/table.ts';
import { calibrationCell } from './calibration-cell.ts';
import { invariantMeaning, labelOf } from './labels.ts';
import { breachesIn, checksIn, type Report, type TenantReport } from './report.ts';

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
    ...heading('On AWS this run would have cost'),
    ...costLines(report),
    ...heading('Calibration: ours beside the published figure'),
    ...calibrationLines(report),
    ...heading('Invariants, checked over the whole journal and all views'),
    ...invariantLines(report, style),
    `  The twin’s own books agree with the API on all ${count(report.reconciledAccounts)} accounts.`,
    ...heading('Journal digest'),
    `  ${report.digest}`,
    style.dim('  The same flags give the same digest on any machine:'),
    style.dim(`  ${report.command}`),
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
  return table(
    [{ title: '' }, { title: '' }],
    [
      ['duration', `${duration(report.durationMs)} (${inPhases.join(', ')})`],
      [
        'throughput',
        `${count(throughput.commandsPerSecond)} commands/s, ${count(throughput.eventsPerSecond)} events/s`,
      ],
      [
        'command latency',
        `p50 ${measure(latencyMs.p50)} ms, p95 ${measure(latencyMs.p95)} ms, p99 ${measure(latencyMs.p99)} ms (over HTTP, in requests of up to 100 commands)`,
      ],
      ['projection lag', `p95 ${measure(report.projectionLagMs)} ms`],
    ],
  );
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
        ['total', cents(cost.total), '', `${usd(cost.perMillionEntries)} per million entries`],
      ],
    ),
    `  ${count(consumed.writeUnits)} write units, ${count(consumed.readUnits)} read units, ${bytes(consumed.kinesisBytes)} through the stream`,
    `  Prices of ${cost.region}, ${cost.pricesAsOf}. Not included: ${cost.notIncluded.join('; ')}.`,
  ];
}

function calibrationLines({ calibration }: Report): string[] {
  return table(
    [{ title: '' }, { title: 'ours', align: 'right' }, { title: 'published', align: 'right' }, { title: 'source' }],
    calibration.map((row) => [
      row.measure,
      calibrationCell(row.ours, row),
      calibrationCell(row.published, row),
      // The page shows the whole note; here a line has to stay one line.
      row.note.startsWith('Demo setting') ? `${row.source} (demo setting)` : row.source,
    ]),
  );
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
