import { availableParallelism } from 'node:os';
import type { Consumed, MetricsStore } from '../../local/index.ts';
import { evidenceText, untoldText, type AuditResult } from '../audit/audit-result.ts';
import { runCost } from '../cost/run-cost.ts';
import type { PhaseDurations, Report, TenantReport } from '../report/report.ts';
import { tenantReport } from '../report/tenant-report.ts';
import { courseOf } from './course.ts';
import type { ScenarioSummary } from './scenario.ts';
import { repeatCommand, SCENARIO, type DemoSettings } from './settings.ts';

export interface RunFacts {
  runId: string;
  settings: DemoSettings;
  startedMs: number;
  durationMs: number;
  phases: PhaseDurations;
  /** Tenants that the store held before the run. */
  tenantsBefore: string[];
  /** When commands were sent: the seed and simulate phases. */
  sentMs: { sinceMs: number; untilMs: number };
  summary: ScenarioSummary;
  audit: AuditResult;
  metrics: MetricsStore;
  /** Used until the views had followed, before the audit read everything. */
  consumed: Consumed;
}

/** Puts together what happened. Counts of the ledger come from the audit of the journal, never from what was intended. */
export function buildReport(facts: RunFacts): Report {
  const { runId, settings, audit, metrics, consumed, sentMs, summary, tenantsBefore } = facts;
  const tenants = audit.tenants.map((tenant) =>
    tenantReport(tenant, tenant.tenantId === settings.tenantId ? summary.spendingByCategory : undefined),
  );
  const total = (name: string): number => metrics.query(name, sentMs).sum;
  const repeated = total('EventsAppended') === 0;
  const lag = metrics.query('ProjectionLagMs');
  const sentSeconds = Math.max(0.001, (sentMs.untilMs - sentMs.sinceMs) / 1000);
  const { writeUnits, readUnits, kinesisBytes, kinesisRecords, apiRequests, invocations, gbSeconds } = consumed;
  return {
    synthetic: true,
    runId,
    scenario: SCENARIO,
    seed: settings.seed,
    settings: { ...settings },
    digest: audit.digest,
    signed: { tenantId: settings.tenantId, ...summary.digest },
    tenantsBefore,
    repeated,
    startedAt: new Date(facts.startedMs).toISOString(),
    durationMs: facts.durationMs,
    phases: facts.phases,
    tenants,
    events: audit.tenants.reduce((sum, { statistics }) => sum + statistics.events, 0),
    throughput: {
      commandsPerSecond: repeated ? null : (total('CommandAccepted') + total('CommandRefused')) / sentSeconds,
      eventsPerSecond: repeated ? null : total('EventsAppended') / sentSeconds,
    },
    latencyMs: metrics.query('CommandLatencyMs').percentiles,
    projectionLagMs: repeated || lag.count === 0 ? null : lag.percentiles.p95,
    invariants: invariantsOf(audit),
    consumed: { writeUnits, readUnits, kinesisBytes, kinesisRecords, apiRequests, lambdaInvocations: invocations },
    cost: runCost(
      {
        writeUnits,
        readUnits,
        kinesisRecords,
        kinesisBytes,
        apiRequests,
        lambdaInvocations: invocations,
        lambdaGbSeconds: gbSeconds,
        stateTransitions: consumed.stateTransitions,
      },
      entriesMade(tenants, { tenantId: settings.tenantId, tenantsBefore }),
    ),
    calibration: summary.calibration,
    reconciledAccounts: summary.accounts,
    course: courseOf(metrics, sentMs),
    machine: {
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      cpus: availableParallelism(),
    },
    command: repeatCommand(settings),
  };
}

/** Entries that the run made; undefined when its tenant was there before, with an unknown share of them. */
function entriesMade(
  tenants: readonly TenantReport[],
  run: { tenantId: string; tenantsBefore: readonly string[] },
): number | undefined {
  if (run.tenantsBefore.includes(run.tenantId)) return undefined;
  return tenants.find(({ tenantId }) => tenantId === run.tenantId)?.entries;
}

function invariantsOf(audit: AuditResult): Report['invariants'] {
  return Object.fromEntries(
    Object.entries(audit.invariants).map(([name, { checked, breaches }]) => {
      const evidence = audit.tenants.flatMap(({ invariants }) => invariants[name]?.evidence ?? []).map(evidenceText);
      return [name, { checked, breaches, evidence: [...evidence, ...untoldText({ breaches, evidence })] }];
    }),
  );
}
