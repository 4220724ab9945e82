import { expect, test } from 'vitest';
import { ofType, properties, referenced, theOne } from './support/facts.ts';
import { synthesizeOnce } from './support/synthesize.ts';

const { template } = await synthesizeOnce();

test('the projection, alone, feeds on the stream, from its beginning', () => {
  expect(theOne(template, 'AWS::Lambda::EventSourceMapping').properties).toMatchObject({
    FunctionName: { Ref: 'ProjectionFunction' },
    EventSourceArn: { 'Fn::GetAtt': ['JournalStream', 'Arn'] },
    StartingPosition: 'TRIM_HORIZON',
  });
});

test('records come together: rows are written once for all of a second, and behind for as many as there are', () => {
  expect(theOne(template, 'AWS::Lambda::EventSourceMapping').properties).toMatchObject({
    MaximumBatchingWindowInSeconds: 1,
    BatchSize: 2_000,
  });
});

test('a poisoned record is cut out of its batch, retried, and then given up without holding up its shard', () => {
  expect(theOne(template, 'AWS::Lambda::EventSourceMapping').properties).toMatchObject({
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumRetryAttempts: 12,
    MaximumRecordAgeInSeconds: 6 * 3600,
    ParallelizationFactor: 1,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['ProjectionDeadLetters', 'Arn'] } } },
  });
});

test('dead letters are kept two weeks, encrypted, and taken over TLS only', () => {
  expect(properties(template, 'ProjectionDeadLetters', 'AWS::SQS::Queue')).toMatchObject({
    MessageRetentionPeriod: 14 * 24 * 3600,
    SqsManagedSseEnabled: true,
  });
  expect(JSON.stringify(theOne(template, 'AWS::SQS::QueuePolicy').properties)).toContain(
    '"aws:SecureTransport":"false"',
  );
});

test('the sweep starts every five minutes, ends before the next one, and may be started by its schedule only', () => {
  const schedules = ofType(template, 'AWS::Events::Rule').filter(([, { Properties }]) =>
    JSON.stringify(Properties['Targets']).includes('"SweepFunction"'),
  );
  const [[scheduleId, schedule] = []] = schedules;
  expect(schedules).toHaveLength(1);
  expect(schedule?.Properties).toMatchObject({
    ScheduleExpression: 'rate(5 minutes)',
    State: 'ENABLED',
    Targets: [{ Arn: { 'Fn::GetAtt': ['SweepFunction', 'Arn'] } }],
  });
  expect(properties(template, 'SweepFunction', 'AWS::Lambda::Function')['Timeout']).toBeLessThan(5 * 60);
  const starters = ofType(template, 'AWS::Lambda::Permission')
    .filter(([, { Properties }]) => referenced(Properties['FunctionName']) === 'SweepFunction')
    .map(([, { Properties }]) => [Properties['Principal'], referenced(Properties['SourceArn'])]);
  expect(starters).toEqual([['events.amazonaws.com', scheduleId]]);
});
