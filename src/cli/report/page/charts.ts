import { BATCH_COMMANDS } from '../../../twin/ledger/courier.ts';
import { count, measure, money } from '../../text/numbers.ts';
import type { Report, TenantReport } from '../report.ts';
import { html, type Html } from './html.ts';

/** A plot as the script in the page draws it. */
export interface Chart {
  id: string;
  title: string;
  /** What one sees, in words: for those who do not see it. */
  summary: string;
  /** Days as seconds since 1970 (UTC), or seconds since the start of the run. */
  axis: 'day' | 'elapsed';
  at: number[];
  unit: 'money' | 'count' | 'ms';
  currency?: string;
  series: ChartSeries[];
}

export interface ChartSeries {
  label: string;
  kind: 'line' | 'area' | 'bars';
  /** Number of a colour of the page's palette. */
  color: 1 | 2 | 3;
  values: (number | null)[];
}

/** Rows of a data table: a plot of years keeps its picture, and its numbers are in report.json. */
const TABLE_ROWS_MAX = 120;

export function tenantCharts(tenant: TenantReport): Chart[] {
  const { tenantId, currency, byDay, balancesByDay } = tenant;
  const first = balancesByDay.at(0);
  const last = balancesByDay.at(-1);
  const busiest = byDay.reduce((most, day) => Math.max(most, day.entries), 0);
  const largest = byDay.reduce((most, day) => Math.max(most, day.volume), 0);
  const between = (from: number, to: number): string => `from ${money(from, currency)} to ${money(to, currency)}`;
  return [
    {
      id: `${tenantId}-deposits`,
      title: 'Deposits at the end of each day',
      summary: first && last ? `Deposits go ${between(first.deposits, last.deposits)}.` : 'No money moved.',
      axis: 'day',
      at: balancesByDay.map(({ date }) => secondsOf(date)),
      unit: 'money',
      currency,
      series: [{ label: 'Deposits', kind: 'area', color: 1, values: balancesByDay.map(({ deposits }) => deposits) }],
    },
    {
      id: `${tenantId}-loans`,
      title: 'Loans outstanding at the end of each day',
      summary: first && last ? `Loans go ${between(owed(first.loans), owed(last.loans))}.` : 'No money moved.',
      axis: 'day',
      at: balancesByDay.map(({ date }) => secondsOf(date)),
      unit: 'money',
      currency,
      series: [
        {
          label: 'Loans',
          kind: 'area',
          color: 2,
          values: balancesByDay.map(({ loans }) => owed(loans)),
        },
      ],
    },
    {
      id: `${tenantId}-entries`,
      title: 'Entries a day',
      summary: `Up to ${count(busiest)} entries a day.`,
      axis: 'day',
      at: byDay.map(({ date }) => secondsOf(date)),
      unit: 'count',
      series: [{ label: 'Entries', kind: 'bars', color: 1, values: byDay.map(({ entries }) => entries) }],
    },
    {
      id: `${tenantId}-volume`,
      title: 'Volume a day',
      summary: `Up to ${money(largest, currency)} a day.`,
      axis: 'day',
      at: byDay.map(({ date }) => secondsOf(date)),
      unit: 'money',
      currency,
      series: [{ label: 'Volume', kind: 'bars', color: 3, values: byDay.map(({ volume }) => volume) }],
    },
  ];
}

export function speedCharts({ course, latencyMs, throughput }: Report): Chart[] {
  return [
    {
      id: 'throughput',
      title: 'Throughput during the run',
      summary: throughputSummary(throughput),
      axis: 'elapsed',
      at: course.atSeconds,
      unit: 'count',
      series: [
        { label: 'Events a second', kind: 'area', color: 1, values: course.events },
        { label: 'Commands a second', kind: 'line', color: 2, values: course.commands },
      ],
    },
    {
      id: 'latency',
      title: 'Latency of requests during the run',
      summary: `A request of up to ${BATCH_COMMANDS} commands over HTTP: half were answered within ${measure(latencyMs.p50)} ms, 95 % within ${measure(latencyMs.p95)} ms, 99 % within ${measure(latencyMs.p99)} ms.`,
      axis: 'elapsed',
      at: course.atSeconds,
      unit: 'ms',
      series: [
        { label: '95th percentile', kind: 'line', color: 2, values: course.latencyP95Ms },
        { label: 'Mean', kind: 'line', color: 1, values: course.latencyMeanMs },
      ],
    },
  ];
}

function throughputSummary({ commandsPerSecond, eventsPerSecond }: Report['throughput']): string {
  if (commandsPerSecond === null || eventsPerSecond === null) return 'Repeats only: nothing was written.';
  return `${count(commandsPerSecond)} commands and ${count(eventsPerSecond)} events a second on average.`;
}

/** The place of a plot, with its words and its numbers for those who cannot use the picture. */
export function chartFigure(chart: Chart): Html {
  return html`<figure class="card chart">
    <figcaption>
      <h3>${chart.title}</h3>
      <p>${chart.summary}</p>
    </figcaption>
    <div class="plot" data-chart="${chart.id}" role="img" aria-label="${chart.title}. ${chart.summary}"></div>
    ${chart.at.length <= TABLE_ROWS_MAX ? dataTable(chart) : undefined}
  </figure>`;
}

function dataTable(chart: Chart): Html {
  const axisTitle = chart.axis === 'day' ? 'Day' : 'Second';
  return html`<details>
    <summary>Numbers</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">${axisTitle}</th>
            ${chart.series.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${chart.at.map((at, index) => {
            const cells = chart.series.map(
              ({ values }) => html`<td class="number">${cell(values[index] ?? null, chart)}</td>`,
            );
            return html`<tr>
              <th scope="row">${chart.axis === 'day' ? dateOf(at) : at}</th>
              ${cells}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </details>`;
}

function cell(value: number | null, { unit, currency }: Chart): string {
  if (value === null) return '–';
  if (unit === 'money') return money(value, currency ?? 'AUD');
  return unit === 'ms' ? `${measure(value)} ms` : count(value);
}

/** A loan's balance is negative while money is owed; what is owed is what people look for. */
function owed(loans: number): number {
  return loans === 0 ? 0 : -loans;
}

function secondsOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
