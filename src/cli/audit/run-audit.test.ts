import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { createTerminal } from '../terminal.ts';
import type { AuditResult, Evidence, TenantAudit } from './audit-result.ts';
import { tellAudit } from './run-audit.ts';

const invariants = ['BALANCED_ENTRIES', 'DERIVED_BALANCES', 'HASH_CHAIN', 'TENANT_ISOLATION', 'ACCOUNT_CONSTRAINTS'];

const NOTE = 'No digest of it is known: its journal was held against none';

interface Found {
  state: TenantAudit['views']['state'];
  breaches?: number;
  /** Breaches that are told one by one. */
  told?: number;
  notes?: string[];
}

function auditOf(tenants: Record<string, Found>): AuditResult {
  const total = Object.values(tenants).reduce((sum, { breaches }) => sum + (breaches ?? 0), 0);
  return {
    tenants: Object.entries(tenants).map(([tenantId, { state, breaches = 0, told = 0, notes = [] }]) => ({
      tenantId,
      digest: 'd1',
      chains: [],
      views: { state },
      notes,
      statistics: {
        currency: 'AUD',
        exponent: 2,
        members: 3,
        accounts: 4,
        accountsByProduct: {},
        entries: 5,
        volumeMinor: 600,
        openingDeposits: { entries: 0, volumeMinor: 0 },
        events: 9,
        eventsByType: {},
        loans: { applications: 0, approved: 0, refused: 0 },
        commands: { accepted: 9, refused: 0 },
        refusedByError: {},
        byDay: [],
        byCategory: [],
        balancesByDay: [],
      },
      invariants: Object.fromEntries(
        invariants.map((name) => [
          name,
          name === 'DERIVED_BALANCES'
            ? { checked: 10, breaches, evidence: evidenceOf(tenantId, told) }
            : { checked: 10, breaches: 0, evidence: [] },
        ]),
      ),
    })),
    digest: 'd0',
    invariants: { DERIVED_BALANCES: { checked: 50, breaches: total } },
  };
}

function evidenceOf(tenantId: string, count: number): Evidence[] {
  return Array.from({ length: count }, (_, index) => ({ tenantId, chain: '02', seq: index + 1, reason: 'wrong' }));
}

function tell(audit: AuditResult, json = false): { text: string; exit: number; error: CliError | undefined } {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  const terminal = createTerminal({ stdout: stream, stderr: stream, env: {} });
  try {
    return { exit: tellAudit(audit, { json }, terminal), text, error: undefined };
  } catch (error) {
    if (error instanceof CliError) return { exit: error.exitCode, text, error };
    throw error;
  }
}

describe('audit', () => {
  it('says that all hold when everything was looked at', () => {
    const { text, exit } = tell(auditOf({ CU_A: { state: 'compared' } }));
    expect(exit).toBe(EXIT.ok);
    expect(text).toContain('All hold: 50 checks, no breach');
    expect(text).not.toContain('not compared');
    // Nobody signed them: a digest that is signed has a number.
    expect(text).toMatch(/^ {2}journal digest d1\n[^]*^journal digest of all d0$/m);
  });

  it.each(['moving', 'behind'] as const)('never says that all hold when views were %s', (state) => {
    const { text, exit, error } = tell(auditOf({ CU_A: { state: 'compared' }, CU_B: { state } }));
    expect(exit).toBe(EXIT.failed);
    expect(error?.message).toBe('Cannot tell whether all hold: the views of CU_B were not compared');
    expect(error?.fix).toMatch(/again when the ledger is quieter/);
    expect(text).not.toContain('All hold');
    const [, ofA = '', ofB = ''] = text.split(/^CU_[AB]$/m);
    expect(ofA).toMatch(/DERIVED_BALANCES .* holds /);
    expect(ofB).toMatch(/DERIVED_BALANCES .* not compared /);
    expect(ofB).toMatch(/TENANT_ISOLATION .* views not compared /);
    expect(ofB).toMatch(/HASH_CHAIN .* holds /);
  });

  it('fails with --json too, after the whole result', () => {
    const { text, exit } = tell(auditOf({ CU_A: { state: 'moving' } }), true);
    expect(exit).toBe(EXIT.failed);
    expect(JSON.parse(text)).toMatchObject({ tenants: [{ views: { state: 'moving' } }] });
  });

  it('tells breaches first: exit code 5', () => {
    const { text, exit } = tell(auditOf({ CU_A: { state: 'behind', breaches: 2 }, CU_B: { state: 'behind' } }));
    expect(exit).toBe(EXIT.breached);
    expect(text).toContain('2 of 50 checks failed');
  });

  it('says how many breaches are not told one by one', () => {
    const { text } = tell(auditOf({ CU_A: { state: 'compared', breaches: 1_385, told: 20 } }));
    expect(text.match(/^ {2}DERIVED_BALANCES {2}CU_A, chain 02, seq \d+: wrong$/gm)).toHaveLength(20);
    expect(text).toMatch(/seq 20: wrong\n {2}DERIVED_BALANCES {2}… and 1,365 more\n/);
    expect(tell(auditOf({ CU_A: { state: 'compared', breaches: 20, told: 20 } })).text).not.toContain('more');
  });

  it('notes that no digest is known of a tenant, which is no breach', () => {
    const audited = auditOf({ CU_A: { state: 'compared', notes: [NOTE] }, CU_B: { state: 'compared' } });
    const { text, exit } = tell(audited);
    expect(exit).toBe(EXIT.ok);
    expect(text).toContain('All hold');
    const [, ofA = '', ofB = ''] = text.split(/^CU_[AB]$/m);
    expect(ofA).toContain(`  note  ${NOTE}\n`);
    expect(ofB).not.toContain('note');
    const { text: json } = tell(audited, true);
    expect(JSON.parse(json)).toMatchObject({ tenants: [{ notes: [NOTE] }, { notes: [] }] });
  });
});
