import { BATCH_COMMANDS } from '../../../twin/ledger/courier.ts';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { count, duration, measure, money, usd } from '../../text/numbers.ts';
import { labelOf } from '../labels.ts';
import { breachesIn, checksIn, type Report, type TenantReport } from '../report.ts';
import { digestNotes, keptNote, REPEATED_NOTE, signedNote } from '../notes.ts';
import { chartFigure, speedCharts, tenantCharts } from './charts.ts';
import { html, jsonScript, raw, type Html } from './html.ts';
import { calibrationTable, costTable, invariantTable, refusalTable, spendingTable } from './tables.ts';

/** The report as one page that needs nothing else: no network, no other file. */
export function htmlReport(report: Report): string {
  const charts = [...report.tenants.flatMap(tenantCharts), ...speedCharts(report)];
  const { settings } = report;
  const title = `${labelOf(report.scenario)}: ${count(settings.members)} members, ${count(settings.days)} days`;
  const page = html`<!doctype html>
    <html lang="en-AU">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
        />
        <title>${title} · TuringCore</title>
        <style>
          ${raw(uplotFile('uPlot.min.css'))}${raw(ownFile('page.css'))}
        </style>
      </head>
      <body>
        <p class="banner" role="note">
          <strong>Synthetic data.</strong> No real person, account or institution is in this report.
        </p>
        <header>
          <p class="brand">TuringCore <span>digital twin</span></p>
          <h1>${title}</h1>
          <p class="lead">
            ${settings.tenantId}, from ${longDate(settings.start)}. Seed <code>${report.seed}</code>, run
            ${report.startedAt.slice(0, 16).replace('T', ' ')} UTC.
          </p>
        </header>
        <main>
          ${verdict(report)} ${report.tenants.map(tenantSection)}
          <section aria-labelledby="speed">
            <h2 id="speed">Speed</h2>
            ${report.repeated ? html`<p>${REPEATED_NOTE}</p>` : undefined} ${speedTiles(report)}
            <div class="grid">${speedCharts(report).map(chartFigure)}</div>
          </section>
          <section aria-labelledby="invariants">
            <h2 id="invariants">Invariants</h2>
            <p>Checked after the run, independently of the code that wrote, over the whole journal and all views.</p>
            <div class="card">${invariantTable(report)}</div>
          </section>
          <section aria-labelledby="calibration">
            <h2 id="calibration">Calibration</h2>
            <p>
              How close the synthetic members come to what is published about real ones, and to what the scenario was
              set to.
            </p>
            <div class="card">${calibrationTable(report)}</div>
          </section>
          <section aria-labelledby="cost">
            <h2 id="cost">What this run would have cost on AWS</h2>
            <div class="card">${costTable(report)}</div>
          </section>
        </main>
        <footer>
          <p>
            Run <code>${report.runId}</code> on ${count(report.machine.cpus)} CPUs, ${report.machine.platform}, Node
            ${report.machine.node}. All numbers are in report.json beside this page.
          </p>
        </footer>
        ${jsonScript('charts', charts)}
        <script>
          ${raw(uplotFile('uPlot.iife.min.js'))};
        </script>
        <script>
          ${raw(ownFile('page.js'))};
        </script>
      </body>
    </html> `;
  return page.markup;
}

function verdict(report: Report): Html {
  const breaches = breachesIn(report);
  const held = breaches === 0;
  const headline = held
    ? `The books are right: ${count(checksIn(report))} checks, no breach`
    : `${count(breaches)} of ${count(checksIn(report))} checks failed`;
  return html`<section class="card verdict ${held ? 'good' : 'bad'}" aria-labelledby="verdict">
    <h2 id="verdict"><span aria-hidden="true">${held ? '✓' : '✗'}</span> ${headline}</h2>
    <p>
      The twin kept its own books beside the ledger’s: they agree on all ${count(report.reconciledAccounts)} accounts.
    </p>
    <dl>
      <dt>Journal digest</dt>
      <dd>
        <code class="digest">${report.digest}</code><span class="note">${signedNote(report)}. ${keptNote(report)}</span>
      </dd>
      ${
        report.tenantsBefore.length === 0
          ? html`<dt>Repeat the run</dt>
              <dd>
                <code>${report.command}</code><span class="note">${digestNotes(report)[0]?.replace(':', '.')}</span>
              </dd>`
          : html`<dt>The store</dt>
              <dd>${digestNotes(report).join(' ')}</dd>`
      }
    </dl>
  </section>`;
}

function tenantSection(tenant: TenantReport): Html {
  const { loans, currency, openingDeposits } = tenant;
  const id = `tenant-${tenant.tenantId}`;
  const products = Object.entries(tenant.accountsByProduct).map(([code, accounts]) => `${count(accounts)} ${code}`);
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${tenant.tenantId}</h2>
    <ul class="tiles">
      ${tile('Members', count(tenant.members))} ${tile('Accounts', count(tenant.accounts), products)}
      ${tile('Entries', count(tenant.entries), [`${count(openingDeposits.entries)} at opening`])}
      ${tile('Volume', money(tenant.volume, currency), [`${money(openingDeposits.volume, currency)} at opening`])}
      ${tile('Loan applications', count(loans.applications), [`${count(loans.approved)} approved`, `${count(loans.refused)} refused`])}
      ${tile('Commands accepted', count(tenant.commands.accepted), [`${count(tenant.commands.refused)} refused`])}
    </ul>
    <div class="grid">
      ${tenantCharts(tenant).map(chartFigure)}
      ${
        tenant.spending === undefined
          ? undefined
          : html`<div class="card">
              <h3>Where the money goes</h3>
              <p>What members paid to merchants and billers.</p>
              ${spendingTable(tenant.spending, currency)}
            </div>`
      }
      <div class="card">
        <h3>What the ledger refused</h3>
        <p>Each refusal is recorded in its chain, so that a repeat gets the same answer.</p>
        ${refusalTable(tenant)}
      </div>
    </div>
  </section>`;
}

function speedTiles({ durationMs, phases, throughput, latencyMs, projectionLagMs, cost }: Report): Html {
  const inPhases = Object.entries(phases).map(([name, ms]) => `${name.replace(/Ms$/, '')} ${duration(Number(ms))}`);
  return html`<ul class="tiles">
    ${tile('Duration', duration(durationMs), inPhases)}
    ${tile('Commands a second', told(throughput.commandsPerSecond, count))}
    ${tile('Events a second', told(throughput.eventsPerSecond, count))}
    ${tile('Request latency, p95', `${measure(latencyMs.p95)} ms`, [`up to ${BATCH_COMMANDS} commands each`, `p50 ${measure(latencyMs.p50)} ms`, `p99 ${measure(latencyMs.p99)} ms`])}
    ${tile('Projection lag, p95', told(projectionLagMs, milliseconds), ['from commit to view'])}
    ${tile('Cost of 1M entries', told(cost.perMillionEntries, usd), [`this run ${usd(cost.total)}`])}
  </ul>`;
}

function told(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

function milliseconds(value: number): string {
  return `${measure(value)} ms`;
}

function tile(label: string, value: string, details: readonly string[] = []): Html {
  return html`<li class="card tile">
    <span class="label">${label}</span><span class="value">${value}</span>${details.map(
      (detail) => html`<span class="note">${detail}</span>`,
    )}
  </li>`;
}

function longDate(date: string): string {
  const time = new Date(`${date}T00:00:00Z`);
  return new Intl.DateTimeFormat('en-AU', { dateStyle: 'long', timeZone: 'UTC' }).format(time);
}

function ownFile(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

function uplotFile(name: string): string {
  const entry = createRequire(import.meta.url).resolve('uplot');
  return readFileSync(join(dirname(entry), name), 'utf8');
}
