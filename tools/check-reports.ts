/**
 * Checks what the demo's reports promise: sizes, volume, loans, invariants, reproducibility. For `.ci/run`.
 * Usage: node tools/check-reports.ts FOLDER (with small.json, again.json, default.json)
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  digest: string;
  durationMs: number;
  phases: Record<string, number>;
  tenants: {
    tenantId: string;
    members: number;
    accounts: number;
    entries: number;
    volume: number;
    loans: { applications: number; approved: number; refused: number };
  }[];
  events: number;
  invariants: Record<string, { checked: number; breaches: number }>;
  cost: { total: number };
  calibration: unknown[];
}

const folder = process.argv[2] ?? '.';
const read = (name: string): Report => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const [small, again, standard] = [read('small.json'), read('again.json'), read('default.json')];

assert.match(standard.digest, /^[0-9a-f]{64}$/);
assert.equal(small.digest, again.digest, 'The same flags give the same digest, whatever the number of workers');
assert.notEqual(small.digest, standard.digest);
for (const report of [small, again, standard]) {
  const names = Object.keys(report.invariants).sort();
  assert.deepEqual(names, [
    'ACCOUNT_CONSTRAINTS',
    'BALANCED_ENTRIES',
    'DERIVED_BALANCES',
    'HASH_CHAIN',
    'TENANT_ISOLATION',
  ]);
  for (const [name, { checked, breaches }] of Object.entries(report.invariants)) {
    assert.ok(checked > 100, `${name} was checked ${checked} times`);
    assert.equal(breaches, 0, `${name} was breached`);
  }
  assert.ok(report.cost.total > 0 && report.calibration.length > 5);
}

const [tenant] = standard.tenants;
assert.ok(tenant);
assert.equal(tenant.members, 500);
assert.ok(tenant.accounts >= 1_000, `${tenant.accounts} accounts`);
within(tenant.entries, 37_500, 0.05, 'entries');
within(tenant.volume, 5_000_000, 0.1, 'volume');
assert.equal(tenant.loans.applications, 75);
assert.equal(tenant.loans.approved + tenant.loans.refused, 75);
within(tenant.loans.approved, 60, 0.05, 'approved loans');
assert.ok(standard.events > 2 * tenant.entries);
console.log(
  `Reports hold: digest ${standard.digest}, ${tenant.entries} entries, A$${tenant.volume}, ${standard.durationMs} ms`,
);

function within(value: number, target: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(value - target) <= target * tolerance,
    `${value} ${what}, expected ${target} ± ${tolerance * 100} %`,
  );
}
