import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { RUNBOOK } from '../../lambdas/docs/asset-names.ts';
import type { Api } from './api.ts';
import { dashboardWidgets } from './dashboard-widgets.ts';
import type { Digests } from './digests.ts';
import type { LedgerData } from './ledger-data.ts';
import { METRICS_NAMESPACE } from './ledger-function.ts';
import type { Projections } from './projections.ts';
import type { RequestHandlers } from './request-handlers.ts';
import type { Twin } from './twin.ts';

export interface ObservabilityProps {
  data: LedgerData;
  handlers: RequestHandlers;
  api: Api;
  projections: Projections;
  digests: Digests;
  twin: Twin;
  /** SNS topic to notify. Without one, alarms change their state and the dashboard shows it. */
  alarmTopicArn?: string;
}

interface AlarmProps {
  /** What a person woken by it reads first. */
  says: string;
  /** Section of the runbook. */
  runbook: string;
  metric: IMetric;
  /** The alarm is raised when the metric is above this. */
  above: number;
  /** In this many periods, one after the other. Default: 1. */
  periods?: number;
  /** What a period without data means. Default: nothing wrong, for an idle ledger is quiet. */
  missing?: TreatMissingData;
}

/** Where the runbook stands in the repository. The deployment serves it too, for who has no repository at hand at night. */
const RUNBOOK_SOURCE = 'docs/operating/runbook.md';
const FIVE_MINUTES = Duration.minutes(5);

/** Alarms on eleven metrics, of which CloudWatch gives ten for nothing, on two queries, and one dashboard. */
export class Observability extends Construct {
  readonly dashboard: Dashboard;
  private readonly actions: IAlarmAction[];
  /** Address of the runbook; each alarm leads to its section. */
  private readonly runbook: string;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { data, handlers, api, projections, digests, twin, alarmTopicArn } = props;
    this.actions = alarmTopicArn === undefined ? [] : [{ bind: () => ({ alarmActionArn: alarmTopicArn }) }];
    this.runbook = `${api.endpoint}/docs/${RUNBOOK}`;
    const sum = { statistic: 'Sum', period: FIVE_MINUTES };

    this.alarm('InvariantBreached', {
      says: 'An invariant of the ledger does not hold.',
      runbook: 'an-invariant-does-not-hold',
      // A query, not a metric: it sums over all invariants and over all functions that check them.
      metric: insight(`SELECT SUM(InvariantBreaches) FROM "${METRICS_NAMESPACE}"`),
      above: 0,
    });
    this.alarm('ApiServerErrors', {
      says: 'The API answers 5xx.',
      runbook: 'the-api-answers-5xx',
      metric: api.httpApi.metricServerError(sum),
      above: 4,
    });
    this.alarm('ApiSlow', {
      says: 'One request in a hundred takes more than a second.',
      runbook: 'the-api-is-slow',
      metric: api.httpApi.metricLatency({ statistic: 'p99', period: FIVE_MINUTES }),
      above: 1000,
      periods: 3,
    });
    this.alarm('CommandFunctionFails', {
      says: 'The command function throws instead of answering.',
      runbook: 'the-command-function-fails',
      metric: handlers.command.metricErrors(sum),
      above: 0,
    });
    this.alarm('JournalThrottled', {
      says: 'DynamoDB throttles writes of the journal.',
      runbook: 'the-journal-is-throttled',
      metric: data.journal.metric('WriteThrottleEvents', sum),
      above: 0,
      periods: 2,
    });
    this.alarm('StreamBehindJournal', {
      says: 'Commits reach the stream late or not at all.',
      runbook: 'commits-do-not-reach-the-stream',
      metric: insight(
        `SELECT MAX(AgeOfOldestUnreplicatedRecord) FROM "AWS/DynamoDB" WHERE TableName = '${data.journal.tableName}'`,
      ),
      above: Duration.minutes(2).toMilliseconds(),
    });
    this.alarm('ProjectionBehind', {
      says: 'The views are more than a minute behind the journal.',
      runbook: 'the-views-are-behind',
      metric: projections.projection.metric('IteratorAge', { statistic: 'Maximum', period: FIVE_MINUTES }),
      above: Duration.minutes(1).toMilliseconds(),
      periods: 2,
    });
    this.alarm('ProjectionDeadLetters', {
      says: 'The projection gave up on records of the stream.',
      runbook: 'the-projection-gave-up-on-records',
      metric: projections.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: 'Maximum',
        period: FIVE_MINUTES,
      }),
      above: 0,
    });
    this.alarm('SweepFails', {
      says: 'Sweeps fail: what the stream loses is no longer made up.',
      runbook: 'sweeps-fail',
      metric: projections.sweep.metricErrors(sum),
      above: 0,
      periods: 3,
    });
    this.alarm('DigestsStopped', {
      says: 'No run that signs digests has succeeded for a quarter of an hour.',
      runbook: 'digests-are-not-made',
      metric: new MathExpression({
        expression: 'IF(started > failed, 0, 1)',
        usingMetrics: { started: digests.digest.metricInvocations(sum), failed: digests.digest.metricErrors(sum) },
        period: FIVE_MINUTES,
      }),
      above: 0,
      periods: 3,
      // Runs are started by the clock, also where nothing happens: none is a fault.
      missing: TreatMissingData.BREACHING,
    });
    this.alarm('ScenarioFailed', {
      says: 'A scenario of the twin failed.',
      runbook: 'a-scenario-failed',
      metric: twin.steadyState.metricFailed(sum),
      above: 0,
    });
    this.alarm('AuditFailed', {
      says: 'An audit did not come to its end: nothing is proved.',
      runbook: 'an-audit-failed',
      metric: projections.audit.metricFailed(sum),
      above: 0,
    });

    this.dashboard = new Dashboard(this, 'Dashboard');
    this.dashboard.addWidgets(...dashboardWidgets(props));
  }

  private alarm(id: string, props: AlarmProps): void {
    const { says, runbook, metric, above, periods = 1, missing = TreatMissingData.NOT_BREACHING } = props;
    const alarm = new Alarm(this, id, {
      alarmDescription: `${says} Runbook: ${this.runbook}#${runbook} (${RUNBOOK_SOURCE})`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
    if (this.actions.length > 0) alarm.addAlarmAction(...this.actions);
  }
}

/** A query of CloudWatch Metrics Insights. */
function insight(expression: string): MathExpression {
  return new MathExpression({ expression, usingMetrics: {}, period: FIVE_MINUTES, label: '' });
}
