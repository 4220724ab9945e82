import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorOf } from '../../lambdas/docs/runbook-page.ts';
import { functionIds, ofType, theOne } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const ROOT = join(import.meta.dirname, '../..');
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:on-call';

const { template } = await synthesizeOnce();
const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(
  ([id, { Properties }]) => ({ id, ...Properties }) as Alarm,
);

interface Alarm {
  id: string;
  AlarmDescription: unknown;
  TreatMissingData: string;
  AlarmActions?: unknown[];
  Dimensions?: { Name: string; Value: unknown }[];
  Metrics?: { Expression?: unknown; MetricStat?: unknown }[];
}

/** The text of a description, with `<Resource.Attribute>` where the deployment fills in. */
function textOf({ AlarmDescription }: Pick<Alarm, 'AlarmDescription'>): string {
  const { 'Fn::Join': joined } = AlarmDescription as { 'Fn::Join': [string, (string | { 'Fn::GetAtt': string[] })[]] };
  return joined[1]
    .map((part) => (typeof part === 'string' ? part : `<${part['Fn::GetAtt'].join('.')}>`))
    .join(joined[0]);
}
const sectionOf = (alarm: Pick<Alarm, 'AlarmDescription'>) => / Runbook: \S+#([\w-]+) /.exec(textOf(alarm))?.[1] ?? '';

test.each(alarms)('$id says what is wrong and links a section of the runbook that exists', (alarm) => {
  expect(textOf(alarm)).toMatch(
    /^[A-Z].+\. Runbook: <\w+\.ApiEndpoint>\/docs\/runbook\.html#[\w-]+ \(docs\/operating\/runbook\.md\)$/,
  );
  expect(anchorsOf(readFileSync(join(ROOT, 'docs/operating/runbook.md'), 'utf8'))).toContain(sectionOf(alarm));
});

test('every section of the runbook on an alarm belongs to one', () => {
  const runbook = readFileSync(join(ROOT, 'docs/operating/runbook.md'), 'utf8');
  const [, onAlarms = ''] = /^## Alarms$([^]*?)(?=^## |(?![^]))/m.exec(runbook) ?? [];
  const linked = alarms.map(sectionOf);
  expect(anchorsOf(onAlarms).toSorted()).toEqual(linked.toSorted());
});

test('alarms watch one metric more than the ten that CloudWatch gives for nothing, beside two queries', () => {
  const watched = alarms.flatMap(({ Metrics }) => Metrics ?? [{ MetricStat: 'its own' }]);
  expect(watched.filter((metric) => 'MetricStat' in metric).length).toBeLessThanOrEqual(11);
  const queries = watched.filter(({ Expression }) => JSON.stringify(Expression ?? '').includes('SELECT '));
  expect(queries).toHaveLength(2);
});

test('alarms watch the resources of this stack', () => {
  const known = [...Object.keys(template.Resources), 'TuringCore'];
  const astray = alarms.filter(({ Dimensions = [], Metrics = [] }) => {
    const sources = Metrics.flatMap(({ Expression, MetricStat }) => [Expression, MetricStat]);
    const watched = JSON.stringify([Dimensions.map(({ Value }) => Value), sources]);
    return !known.some((name) => watched.includes(name));
  });
  expect(astray).toEqual([]);
});

test('an idle ledger raises no alarm', () => {
  const loud = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
  // Digests are made by the clock: where nothing is done they are not, and that is a fault.
  expect(loud.map((alarm) => [alarm.TreatMissingData, sectionOf(alarm)])).toEqual([
    ['breaching', 'digests-are-not-made'],
  ]);
  expect(rateOf('DigestFunction')).toBe('rate(5 minutes)');
});

test('alarms notify a topic when one is given', async () => {
  expect(alarms.flatMap(({ AlarmActions = [] }) => AlarmActions)).toEqual([]);
  const notified = (await synthesizeOnce({ context: { alarmTopicArn: TOPIC } })).template;
  for (const [, { Properties }] of ofType(notified, 'AWS::CloudWatch::Alarm')) {
    expect(Properties['AlarmActions']).toEqual([TOPIC]);
  }
});

test('one dashboard shows the ledger’s own metrics', () => {
  const body = JSON.stringify(theOne(template, 'AWS::CloudWatch::Dashboard').properties['DashboardBody']);
  for (const metric of [
    'CommandAccepted',
    'CommandRefused',
    'EventsAppended',
    'EventsProjected',
    'DigestsMade',
    'ProjectionLagMs',
    'InvariantBreaches',
  ]) {
    expect(body).toContain(metric);
  }
  expect(functionIds(template).some((id) => body.includes(id))).toBe(true);
});

/** The schedule by which a function is started. */
function rateOf(functionId: string): unknown {
  const rules = ofType(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties);
  return rules.find(({ Targets }) => JSON.stringify(Targets).includes(functionId))?.['ScheduleExpression'];
}

function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{2,3} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}
