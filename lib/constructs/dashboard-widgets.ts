import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IMetric, type IWidget, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FunctionName } from './function-bundles.ts';
import { METRICS_NAMESPACE } from './ledger-function.ts';
import type { ObservabilityProps } from './observability.ts';

const PERIOD = Duration.minutes(1);
/** CloudWatch's grid is 24 wide: three graphs a row. */
const GRAPH = { width: 8, height: 6 };

/** What an operator looks at, from the outside in: the API, the write path, the views, the store, and last the twin. */
export function dashboardWidgets({ data, api, projections, digests }: ObservabilityProps): IWidget[] {
  const { httpApi } = api;
  const { journal, views, stream } = data;
  const sum = { statistic: 'Sum', period: PERIOD };
  return [
    graph('Requests', [
      httpApi.metricCount(sum),
      httpApi.metricClientError({ ...sum, label: '4xx' }),
      httpApi.metricServerError({ ...sum, label: '5xx' }),
    ]),
    graph(
      'Request latency (ms)',
      ['p50', 'p95', 'p99'].map((statistic) => httpApi.metricLatency({ statistic, period: PERIOD })),
    ),
    graph('Commands', [
      ledgerMetric('command', 'CommandAccepted', 'Sum'),
      search('{TuringCore,error,service} MetricName="CommandRefused"', 'Sum', "refused: ${PROP('Dim.error')}"),
    ]),
    graph('Events appended and projected', [
      ledgerMetric('command', 'EventsAppended', 'Sum'),
      ledgerMetric('projection', 'EventsProjected', 'Sum'),
    ]),
    graph(
      'Events a commit',
      ['Average', 'Maximum'].map((statistic) => ledgerMetric('command', 'CommitEvents', statistic)),
    ),
    graph('Breaches of invariants', [
      search('{TuringCore,invariant,service} MetricName="InvariantBreaches"', 'Sum', "${PROP('Dim.invariant')}"),
    ]),
    graph('Digests', [
      ledgerMetric('digest', 'DigestsMade', 'Sum'),
      digests.digest.metricInvocations(sum),
      digests.digest.metricErrors(sum),
    ]),
    graph('Views behind the journal (ms)', [
      ledgerMetric('projection', 'ProjectionLagMs', 'p50'),
      ledgerMetric('projection', 'ProjectionLagMs', 'p99'),
      projections.projection.metric('IteratorAge', { statistic: 'Maximum', period: PERIOD }),
    ]),
    graph('Stream', [stream.metricIncomingRecords(sum), stream.metricWriteProvisionedThroughputExceeded(sum)]),
    graph('Records given up', [
      projections.deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD }),
    ]),
    graph(
      'Write units',
      [journal, views].map((table) => table.metricConsumedWriteCapacityUnits(sum)),
    ),
    graph(
      'Read units',
      [journal, views].map((table) => table.metricConsumedReadCapacityUnits(sum)),
    ),
    graph(
      'Throttled writes',
      [journal, views].map((table) => table.metric('WriteThrottleEvents', sum)),
    ),
    graph(
      'Twin: command latency (ms)',
      ['p50', 'p95', 'p99'].map((statistic) => ledgerMetric('twin', 'CommandLatencyMs', statistic)),
    ),
    graph('Twin: commands', [
      ledgerMetric('twin', 'CommandsSent', 'Sum'),
      ledgerMetric('twin', 'CommandsRefused', 'Sum'),
    ]),
    graph('Twin: simulated day', [ledgerMetric('twin', 'SimulatedDay', 'Maximum')]),
  ];
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, ...GRAPH });
}

/** A metric that a function writes into its log, in the embedded metric format. */
function ledgerMetric(service: FunctionName, metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service },
    statistic,
    period: PERIOD,
  });
}

/** All series of a metric, whatever the values of its dimensions. */
function search(query: string, statistic: string, label: string): MathExpression {
  return new MathExpression({
    expression: `SEARCH('${query}', '${statistic}', ${PERIOD.toSeconds()})`,
    usingMetrics: {},
    label,
    period: PERIOD,
  });
}
