import { cents, count, measure, money, usd } from '../../text/numbers.ts';
import { calibrationCell } from '../calibration-cell.ts';
import { invariantMeaning, labelOf } from '../labels.ts';
import type { Report, TenantReport } from '../report.ts';
import { html, type Html } from './html.ts';

/** Categories that get a bar of their own. */
const CATEGORIES_MAX = 16;

export function invariantTable({ invariants }: Report): Html {
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Invariant</th>
            <th scope="col">What it says</th>
            <th scope="col" class="number">Checks</th>
            <th scope="col" class="number">Breaches</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(invariants).map(
            ([name, { checked, breaches }]) =>
              html`<tr>
                <th scope="row"><code>${name}</code></th>
                <td>${invariantMeaning(name)}</td>
                <td class="number">${count(checked)}</td>
                <td class="number">${count(breaches)}</td>
                <td>
                  ${breaches === 0 ? html`<span class="pill good">holds</span>` : html`<span class="pill bad">breached</span>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${Object.entries(invariants)
      .filter(([, { evidence }]) => evidence.length > 0)
      .map(
        ([name, { evidence }]) =>
          html`<h3>Evidence: ${name}</h3>
            <ul>
              ${evidence.map((text) => html`<li><code>${text}</code></li>`)}
            </ul>`,
      )}`;
}

export function calibrationTable({ calibration }: Report): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col" class="number">This run</th>
          <th scope="col" class="number">Set</th>
          <th scope="col" class="number">Published</th>
          <th scope="col">Source</th>
        </tr>
      </thead>
      <tbody>
        ${calibration.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.measure}</th>
              <td class="number">${calibrationCell(row.ours, row)}</td>
              <td class="number">${row.set === null ? '' : calibrationCell(row.set, row)}</td>
              <td class="number">${row.published === null ? '' : calibrationCell(row.published, row)}</td>
              <td>${row.source}${row.note === '' ? undefined : html` <span class="note">${row.note}</span>`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function costTable({ cost }: Report): Html {
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">For</th>
            <th scope="col" class="number">Used</th>
            <th scope="col">Unit</th>
            <th scope="col" class="number">Cost</th>
          </tr>
        </thead>
        <tbody>
          ${cost.items.map(
            (item) =>
              html`<tr>
                <th scope="row">${item.service}</th>
                <td>${item.what}</td>
                <td class="number">${item.unit === 'GB-s' ? measure(item.quantity) : count(item.quantity)}</td>
                <td>${item.unit}</td>
                <td class="number">${cents(item.usd)}</td>
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colspan="4">Total</th>
            <td class="number">${cents(cost.total)}</td>
          </tr>
          <tr>
            <th scope="row" colspan="4">For a million entries like these</th>
            <td class="number">${cost.perMillionEntries === null ? '–' : usd(cost.perMillionEntries)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
    <p class="note">Prices of ${cost.region}, ${cost.pricesAsOf}. Not included: ${cost.notIncluded.join('; ')}.</p>`;
}

export function refusalTable({ refusedByError }: TenantReport): Html {
  const refusals = Object.entries(refusedByError).toSorted(([, a], [, b]) => b - a);
  if (refusals.length === 0) return html`<p>The ledger refused nothing.</p>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Refusal</th>
          <th scope="col" class="number">Commands</th>
        </tr>
      </thead>
      <tbody>
        ${refusals.map(
          ([error, times]) =>
            html`<tr>
              <th scope="row"><code>${error}</code></th>
              <td class="number">${count(times)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

type Spending = NonNullable<TenantReport['spending']>;

/** The largest categories, and all the others in one row, which gets no bar: it would dwarf those of single categories. */
function largestOf(spending: Spending): { shown: Spending; others: Spending } {
  if (spending.length <= CATEGORIES_MAX) return { shown: spending, others: [] };
  const rest = spending.slice(CATEGORIES_MAX - 1);
  const sum = (field: 'entries' | 'volume'): number => rest.reduce((total, each) => total + each[field], 0);
  return {
    shown: spending.slice(0, CATEGORIES_MAX - 1),
    others: [{ category: `${rest.length} others`, entries: sum('entries'), volume: sum('volume') }],
  };
}

/** Bars without a script: the table is the picture. */
export function spendingTable(spending: Spending, currency: string): Html {
  const { shown, others } = largestOf(spending);
  const largest = Math.max(1, ...shown.map(({ volume }) => volume));
  return html`<div class="scroll">
    <table class="bars">
      <thead>
        <tr>
          <th scope="col">Category</th>
          <th scope="col"><span class="visually-hidden">Share of the largest</span></th>
          <th scope="col" class="number">Volume</th>
          <th scope="col" class="number">Entries</th>
        </tr>
      </thead>
      <tbody>
        ${[...shown, ...others].map(
          ({ category, entries, volume }, index) =>
            html`<tr>
              <th scope="row">${labelOf(category)}</th>
              <td class="bar">
                ${index < shown.length ? html`<div style="width:${((volume / largest) * 100).toFixed(1)}%"></div>` : undefined}
              </td>
              <td class="number">${money(volume, currency)}</td>
              <td class="number">${count(entries)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
