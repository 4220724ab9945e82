import { invariantMeaning } from '../report/labels.ts';
import type { Style } from '../terminal.ts';
import { count } from '../text/numbers.ts';
import { table } from '../text/table.ts';
import {
  breachesOf,
  evidenceText,
  notComparedOf,
  untoldText,
  type AuditResult,
  type TenantAudit,
} from './audit-result.ts';

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
        verdict(name, { breaches, views: tenant.views.state }, style),
        invariantMeaning(name),
      ];
    });
    const evidence = Object.entries(tenant.invariants).flatMap(([name, finding]) =>
      [...finding.evidence.map(evidenceText), ...untoldText(finding)].map((text) => `  ${style.bad(name)}  ${text}`),
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
      ...(tenant.views.state === 'compared' ? [] : [`  ${style.bad(notCompared[tenant.views.state])}`]),
      ...tenant.notes.map((note) => `  ${style.bold('note')}  ${note}`),
      `  journal digest ${tenant.digest}`,
      '',
    ];
  });
  const breaches = breachesOf(audit);
  const checks = Object.values(audit.invariants).reduce((sum, { checked }) => sum + checked, 0);
  return [
    ...tenants,
    `journal digest of all ${audit.digest}`,
    conclusion({ breaches, checks, isWhole: notComparedOf(audit).length === 0 }, style),
  ];
}

type ViewsState = TenantAudit['views']['state'];

const notCompared: Record<Exclude<ViewsState, 'compared'>, string> = {
  moving: 'The views were still moving: they were not compared with the journal',
  behind: 'Views were still behind the journal: they were not compared with it',
};

/** An invariant of which the views are a part is not said to hold when nobody has looked at them. */
function verdict(name: string, { breaches, views }: { breaches: number; views: ViewsState }, style: Style): string {
  if (breaches > 0) return style.bad('breached');
  if (views !== 'compared' && name === 'DERIVED_BALANCES') return style.bad('not compared');
  if (views !== 'compared' && name === 'TENANT_ISOLATION') return style.bad('views not compared');
  return style.good('holds');
}

function conclusion(
  { breaches, checks, isWhole }: { breaches: number; checks: number; isWhole: boolean },
  style: Style,
): string {
  if (breaches > 0) return style.bad(`${count(breaches)} of ${count(checks)} checks failed`);
  if (!isWhole)
    return style.bad(`Not compared: ${count(checks)} checks of the journal, no breach, but none of the views`);
  return style.good(`All hold: ${count(checks)} checks, no breach`);
}
