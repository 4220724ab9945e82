import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { createFindings } from './findings.ts';
import { withEvidence } from './pieces/bounded.ts';
import { openTestBank } from './testing/bank.ts';
import { auditInPieces } from './testing/in-pieces.ts';
import { memorySource, projectViews } from './testing/memory-source.ts';

/** 385 breaches of one chain, then one of another, one of no chain and two of a third. */
function found() {
  const findings = createFindings('CU_TEST');
  const breach = (place: { chain?: string; seq?: number }) =>
    findings.check('DERIVED_BALANCES', false, place, () => 'wrong');
  for (let seq = 1; seq <= 385; seq += 1) breach({ chain: '02', seq });
  for (const place of [{ chain: '07', seq: 9 }, {}, { chain: '11', seq: 4 }, { chain: '11', seq: 8 }]) breach(place);
  return findings;
}

const placesOf = (evidence: readonly { chain?: string; seq?: number }[]) =>
  evidence.map(({ chain = '-', seq = 0 }) => `${chain} ${seq}`);
const first = (count: number) => Array.from({ length: count }, (_, index) => `02 ${index + 1}`);
const OTHERS = ['07 9', '- 0', '11 4', '11 8'];

describe('the evidence of many breaches', () => {
  it('has some of each chain, in their order, and the count has all', () => {
    const { DERIVED_BALANCES, HASH_CHAIN } = found().report();
    expect(DERIVED_BALANCES.breaches).toBe(389);
    expect(placesOf(DERIVED_BALANCES.evidence)).toEqual([...first(16), ...OTHERS]);
    expect(HASH_CHAIN).toEqual({ checked: 0, breaches: 0, evidence: [] });
  });

  it('has some of each chain where it is put together', () => {
    const whole = createFindings('CU_TEST');
    for (let seq = 1; seq <= 30; seq += 1) whole.check('DERIVED_BALANCES', false, { chain: '01', seq }, () => 'wrong');
    whole.add(found());
    const { breaches, evidence } = whole.report().DERIVED_BALANCES;
    expect(breaches).toBe(30 + 389);
    const ofFirst = Array.from({ length: 8 }, (_, index) => `01 ${index + 1}`);
    expect(placesOf(evidence)).toEqual([...ofFirst, ...first(8), ...OTHERS]);
  });

  it.each([
    [6, [...first(2), ...OTHERS]],
    [4, ['02 1', '07 9', '- 0', '11 4']],
    [2, ['02 1', '07 9']],
    [0, []],
  ])('has some of each chain where there is room for no more than %i', (max, places) => {
    const { DERIVED_BALANCES } = withEvidence(found().report(), max);
    expect(DERIVED_BALANCES.breaches).toBe(389);
    expect(placesOf(DERIVED_BALANCES.evidence)).toEqual(places);
  });

  it('is of each chain whose views are wrong, in pieces too', async () => {
    const { bank, jane } = openTestBank();
    for (let number = 0; number < 40; number += 1) bank.open(jane, { productCode: 'LOAN', loanMinor: 1_000_00 });
    const journal = bank.items();
    const views = await projectViews(journal);
    // Of all chains, the catalog too; most of them of one.
    const left = views.filter(({ pk }) => !/#(account|customer|product|ledger)/.test(String(pk)));
    const source = memorySource({ journal, views: left });
    for (const { tenants } of [await audit({ source, waitMs: 0 }), await auditInPieces({ source })]) {
      const { breaches, evidence } = tenants[0]!.invariants.DERIVED_BALANCES;
      expect(breaches).toBeGreaterThan(20);
      expect(evidence).toHaveLength(20);
      expect(new Set(evidence.map(({ chain }) => chain))).toEqual(new Set(['00', '01', 'catalog']));
    }
  });
});
