import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { calibrationCell, isFarOff } from './calibration-cell.ts';
import { htmlReport } from './page/html-report.ts';
import { html, jsonScript, raw } from './page/html.ts';
import type { Report } from './report.ts';
import { sampleReport } from './sample-report.ts';
import { tenantReport } from './tenant-report.ts';
import { textReport } from './text-report.ts';

const PLAIN = { bold: same, dim: same, good: same, bad: same };
function same(text: string): string {
  return text;
}

/** Ends elements, attributes, comments and scripts, as far as it is let. */
const HOSTILE = `"'></script><img src=x onerror=alert(1)><!--&`;

describe('html', () => {
  test('escapes every value, in text and in attributes, but not its own markup', () => {
    expect(html`<p title="${HOSTILE}">${[HOSTILE, html`<b>${1}</b>`, undefined]}</p>`.markup).toBe(
      '<p title="&quot;&#39;&gt;&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;!--&amp;">' +
        '&quot;&#39;&gt;&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&lt;!--&amp;<b>1</b></p>',
    );
    expect(html`${raw('<i>')}`.markup).toBe('<i>');
  });

  test('data for a script comes back as it was and cannot end the script', () => {
    const { markup } = jsonScript('x', { text: `${HOSTILE}\u2028` });
    expect(markup.match(/<\/script>/g)).toHaveLength(1);
    const json = markup.replace(/^<script[^>]*>/, '').replace('</script>', '');
    expect(JSON.parse(json)).toEqual({ text: `${HOSTILE}\u2028` });
  });
});

describe('the page', () => {
  test('needs nothing from elsewhere', () => {
    const page = htmlReport(sampleReport());
    expect(page).not.toMatch(/(?:src|href)=|@import|url\(/i);
    expect(page).toContain("default-src 'none'");
  });

  test('says that the data is synthetic, and shows digest, invariants and volume', () => {
    const report = sampleReport();
    const page = htmlReport(report);
    for (const text of [
      'Synthetic data',
      report.digest,
      'Signed digest 1 of CU_DIGITAL, by the key 8c1d5e0a9b7f4c32',
      `Keep 1:${report.signed.sha256}: turing verify --kept`,
      'BALANCED_ENTRIES',
      'A$5,012,346',
      'no breach',
      report.command,
    ]) {
      expect(page).toContain(text);
    }
  });

  test('lets no value become markup', () => {
    const [tenant] = sampleReport().tenants;
    if (tenant === undefined) throw new Error('The sample has a tenant');
    const report = sampleReport({
      seed: HOSTILE,
      runId: HOSTILE,
      command: HOSTILE,
      tenants: [
        {
          ...tenant,
          tenantId: HOSTILE,
          spending: [{ category: HOSTILE, entries: 1, volume: 1 }],
          refusedByError: { [HOSTILE]: 1 },
        },
      ],
      calibration: [
        { measure: HOSTILE, unit: HOSTILE, ours: 1, set: null, published: null, source: HOSTILE, note: HOSTILE },
      ],
      invariants: { [HOSTILE]: { checked: 1, breaches: 1, evidence: [HOSTILE] } },
    });
    const page = htmlReport(report);
    expect(page).not.toContain('<img');
    expect(page.match(/<\/script>/g)).toHaveLength(3);
  });

  test('tells breaches as loudly as success', () => {
    const breached = {
      ...sampleReport().invariants,
      HASH_CHAIN: { checked: 10, breaches: 2, evidence: ['chain 07, seq 5: gap'] },
    };
    expect(htmlReport(sampleReport({ invariants: breached }))).toMatch(/verdict bad[^]*✗[^]*chain 07, seq 5: gap/);
    expect(htmlReport(sampleReport())).not.toMatch(/verdict bad/);
  });

  test('its own script is a script', () => {
    const scripts = [...htmlReport(sampleReport()).matchAll(/<script>([^]*?)<\/script>/g)].map(
      (match) => match[1] ?? '',
    );
    expect(scripts).toHaveLength(2);
    // Compiled, not run: there is no document here.
    for (const script of scripts) expect(() => runInNewContext(`() => {${script}}`)).not.toThrow();
  });
});

describe('a run on a store that held something', () => {
  const again = sampleReport({
    tenantsBefore: ['CU_A', 'CU_DIGITAL'],
    repeated: true,
    throughput: { commandsPerSecond: null, eventsPerSecond: null },
    projectionLagMs: null,
    cost: { ...sampleReport().cost, perMillionEntries: null },
  });

  test.each([
    ['text', (report: Report) => textReport(report, PLAIN).join('\n')],
    ['page', htmlReport],
  ])('promises no repetition, and has no rates, as %s', (_, make) => {
    const shown = withoutScripts(make(again));
    expect(shown).toContain('which held CU_A, CU_DIGITAL before this run');
    expect(shown).toContain('Every command was in the store already');
    expect(shown).not.toContain('The same flags give the same journal digest');
    expect(shown).not.toContain(again.command);
    expect(shown).not.toMatch(/NaN|null/);
    const first = withoutScripts(make(sampleReport()));
    expect(first).toContain('The same flags give the same journal digest');
    expect(first).toContain(again.command);
    expect(first).not.toContain('in the store already');
  });
});

function withoutScripts(text: string): string {
  return text.replaceAll(/<(script|style)\b[^]*?<\/\1>/g, '');
}

test('spending beyond the rows of its table is summed up in one of them', () => {
  const page = withoutScripts(htmlReport(sampleReport()));
  // 20 categories from 20,000 down to 1,000: 15 rows, and the last 5 together.
  expect(page).toContain('Kind 14');
  expect(page).not.toContain('Kind 15');
  expect(page).toMatch(/5 others[^]*A\$15,000[^]*415/);
});

test('money of the plots has the symbol of its currency, as all of the page', () => {
  const page = htmlReport(sampleReport());
  expect(page.includes('narrowSymbol')).toBe(false);
  // Whatever is priced in US dollars says so.
  expect(withoutScripts(page)).not.toMatch(/(?<!US|A)\$\d/);
  expect(textReport(sampleReport(), PLAIN).join('\n')).not.toMatch(/(?<!US|A)\$\d/);
});

describe('the text', () => {
  test('explains a measure that is far off, sets settings apart, and counts nothing where there is nothing', () => {
    const lines = textReport(sampleReport(), PLAIN);
    const row = (start: string): string => lines.find((line) => line.startsWith(`  ${start}`)) ?? '';
    expect(lines.join('\n')).toMatch(/ours +set +published +source/);
    expect(row('Payments a person a day')).toMatch(/\[1\] +2\.50 +1\.90 +RBA/);
    expect(lines).toContain('  [1] Ours are busy');
    expect(lines.join('\n')).not.toContain('Near enough');
    expect(row('Fraud, share')).toMatch(/0\.11 % +0\.10 % +RBA/);
    expect(row('Loan applications approved')).toMatch(/ – +80\.0 %/);
  });

  test('shows what the issue asks for', () => {
    const text = textReport(sampleReport(), PLAIN).join('\n');
    expect(text).toMatch(/entries +37,512/);
    expect(text).toMatch(/loan applications +75 +60 approved, 15 refused/);
    expect(text).toMatch(/p50 4\.1 ms, p95 14\.8 ms, p99 32\.5 ms/);
    expect(text).toMatch(/Median weekly earnings +A\$1,402 +A\$1,425/);
    expect(text).toMatch(/command latency +a request of up to 250 commands over HTTP: p50/);
    expect(text).toMatch(/All hold: 439,461 checks, no breach/);
    expect(text).toContain(sampleReport().digest);
    expect(text).toContain('Signed digest 1 of CU_DIGITAL, by the key 8c1d5e0a9b7f4c32');
    expect(text).toContain(`\n  Keep 1:${'5f'.repeat(32)}: turing verify --kept`);
    expect(text).not.toMatch(/NaN|undefined|\[object/);
  });

  test('shows the evidence of a breach', () => {
    const invariants = { HASH_CHAIN: { checked: 10, breaches: 1, evidence: ['CU_DIGITAL chain 07, seq 5: gap'] } };
    const text = textReport(sampleReport({ invariants }), PLAIN).join('\n');
    expect(text).toMatch(/HASH_CHAIN {2}CU_DIGITAL chain 07, seq 5: gap\n {2}1 of 10 checks failed/);
  });
});

test.each([
  [74.1, '%', '74.1 %'],
  [0.11, '%', '0.11 %'],
  [0, '%', '0.00 %'],
  [1425.4, 'A$', 'A$1,425'],
  [52.5, 'A$', 'A$52.50'],
  [2.5, '', '2.50'],
  [355.2, 'c', '355 c'],
  [null, '%', '–'],
])('calibrationCell(%s, %s) → %s', (value, unit, cell) => expect(calibrationCell(value, { unit })).toBe(cell));

test.each([
  [13, 13, false],
  [20, 13, true],
  [8, 13, true],
  [null, 13, false],
  [13, null, false],
])('isFarOff(%s beside %s) → %s', (ours, published, far) => expect(isFarOff({ ours, published })).toBe(far));

test('amounts of the audit become whole units of the tenant’s currency', () => {
  const report = tenantReport({
    tenantId: 'CU_NIPPON',
    digest: 'd',
    chains: [],
    views: { state: 'compared' },
    notes: [],
    invariants: {},
    statistics: {
      currency: 'KWD',
      exponent: 3,
      members: 1,
      accounts: 1,
      accountsByProduct: {},
      entries: 2,
      volumeMinor: 12_345,
      openingDeposits: { entries: 1, volumeMinor: 1_000 },
      events: 5,
      eventsByType: {},
      loans: { applications: 0, approved: 0, refused: 0 },
      commands: { accepted: 1, refused: 0 },
      refusedByError: {},
      byDay: [
        { date: '2025-01-01', entries: 0, volumeMinor: 0 },
        { date: '2025-01-02', entries: 2, volumeMinor: 12_345 },
      ],
      byCategory: [{ category: 'RENT', entries: 2, volumeMinor: 12_345 }],
      balancesByDay: [{ date: '2025-01-02', depositsMinor: 1_000, loansMinor: -500 }],
    },
  });
  expect(report).toMatchObject({
    entries: 3,
    volume: 13.345,
    openingDeposits: { entries: 1, volume: 1 },
    byDay: [{ date: '2025-01-02', entries: 2, volume: 12.345 }],
    byCategory: [{ volume: 12.345 }],
    balancesByDay: [{ deposits: 1, loans: -0.5 }],
  });
});
