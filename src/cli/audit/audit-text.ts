import { invariantMeaning } from '../report/labels.ts';
import type { Style } from '../terminal.ts';
import { count } from '../text/numbers.ts';
import { table } from '../text/table.ts';
import { breachesOf, evidenceText, type AuditResult } from './audit-result.ts';

/** The result of an audit as a person reads it. */
export function auditLines(audit: AuditResult, style: Style): string[] {
  const tenants = audit.tenants.flatMap((tenant) => {
    const { statistics } = tenant;
    const contents = `${count(statistics.members)} members, ${count(statistics.accounts)} accounts, ${count(statistics.entries + statistics.openingDeposits.entries)} entries, ${count(statistics.events)} events`;
    const rows = Object.entries(tenant.invariants).map(([name, { checked, breaches }]) => {
      return [
        name,
        count(checked),
        count(breaches),
        breaches === 0 ? style.good('holds') : style.bad('breached'),
        invariantMeaning(name),
      ];
    });
    const evidence = Object.entries(tenant.invariants).flatMap(([name, finding]) =>
      finding.evidence.map((found) => `  ${style.bad(name)}  ${evidenceText(found)}`),
    );
    return [
      style.bold(tenant.tenantId),
      `  ${contents}`,
      ...table(
        [
          { title: '' },
          { title: 'checked', align: 'right' },
          { title: 'breached', align: 'right' },
          { title: '' },
          { title: '' },
        ],
        rows,
      ),
      ...evidence,
      ...(tenant.views.state === 'moving'
        ? ['  The views were still moving: their balances were not compared. Try again.']
        : []),
      `  digest ${tenant.digest}`,
      '',
    ];
  });
  const breaches = breachesOf(audit);
  const checks = Object.values(audit.invariants).reduce((sum, { checked }) => sum + checked, 0);
  return [
    ...tenants,
    `digest of all ${audit.digest}`,
    breaches === 0
      ? style.good(`All hold: ${count(checks)} checks, no breach`)
      : style.bad(`${count(breaches)} of ${count(checks)} checks failed`),
  ];
}
