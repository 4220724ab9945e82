import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { KinesisEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { LedgerData } from './ledger-data.ts';
import { LedgerFunction } from './ledger-function.ts';
import { LedgerMachine } from './ledger-machine.ts';
import type { FunctionCode } from './function-bundles.ts';
import { setLogicalId } from './logical-id.ts';

export interface ProjectionsProps {
  data: LedgerData;
  code: FunctionCode;
  sandbox: boolean;
}

/**
 * Records that one invocation takes, at most, and how long the first of them waits for others. Rows are written once an
 * invocation however many records touch them, so views that are a second old cost a fraction of views that are not; and the
 * further they are behind, the more records come at once. Lambda ends a batch at 6 MB whatever the number.
 */
const BATCH_RECORDS = 2_000;
const BATCH_WINDOW = Duration.seconds(1);
/**
 * Enough to outlast a failover of the tables, few enough that a chain which can never be read does not hold up the others
 * for long. A record that still fails then goes to the queue, and the sweep makes up for it: the journal is the truth.
 */
const RETRIES = 12;
const MAX_RECORD_AGE = Duration.hours(6);
const SWEEP_EVERY = Duration.minutes(5);

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'] as const;
/** A batch is authorised as a whole, deletions in it included. */
const WRITE = ['dynamodb:PutItem', 'dynamodb:BatchWriteItem'] as const;

/** What follows the journal: the projections that make the views, the sweep that misses nothing, and the audit. */
export class Projections extends Construct {
  readonly projection: LedgerFunction;
  readonly sweep: LedgerFunction;
  /** Checks everything: its tasks are those of the audit function. */
  readonly audit: LedgerMachine;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { data, code, sandbox }: ProjectionsProps) {
    super(scope, id);
    const environment = { JOURNAL_TABLE: data.journal.tableName, VIEWS_TABLE: data.views.tableName };

    this.projection = new LedgerFunction(this, 'ProjectionFunction', {
      name: 'projection',
      codeDir: code.projection,
      description: 'Brings the views up to date with the journal, from the stream',
      memoryMiB: 1024,
      timeout: Duration.minutes(1),
      environment,
      whenItFails:
        'Kinesis invokes it and waits; records that keep failing go to the dead letters of the event source.',
      sandbox,
    });
    this.projection.allow(READ, data.journal.tableArn);
    this.projection.allow([...READ, ...WRITE], data.views.tableArn);
    this.deadLetters = this.addDeadLetters();
    this.feedFromStream(data);

    this.sweep = new LedgerFunction(this, 'SweepFunction', {
      name: 'sweep',
      codeDir: code.sweep,
      description:
        'Compares chain heads with the cursors of the views, rings for the chains that are behind, keeps snapshots, rebuilds views',
      memoryMiB: 512,
      timeout: Duration.minutes(4),
      environment: {
        ...environment,
        SNAPSHOTS_TABLE: data.snapshots.tableName,
        STREAM_NAME: data.stream.streamName,
      },
      whenItFails:
        'The next sweep, five minutes later, does all that a failed one left undone; an alarm counts failures.',
      sandbox,
    });
    this.sweep.allow(READ, data.journal.tableArn);
    this.sweep.allow(['dynamodb:Query'], data.registryArn);
    // A rebuild of the views also looks for rows that should not be there, and deletes them.
    this.sweep.allow([...READ, ...WRITE, 'dynamodb:Scan', 'dynamodb:DeleteItem'], data.views.tableArn);
    this.sweep.allow(['dynamodb:GetItem', ...WRITE], data.snapshots.tableArn);
    this.sweep.allow(['kinesis:PutRecords'], data.stream.streamArn);
    this.scheduleSweep();

    const audit = new LedgerFunction(this, 'AuditFunction', {
      name: 'audit',
      codeDir: code.audit,
      description:
        'Does the tasks of the audit of the five invariants over the whole journal and all views; reads only',
      memoryMiB: 2048,
      timeout: Duration.minutes(15),
      environment,
      whenItFails: 'Whoever starts an audit waits for its findings; it changes nothing and can be started again.',
      sandbox,
    });
    // To find what should not be there, one has to look at everything.
    audit.allow(['dynamodb:Query', 'dynamodb:Scan'], data.journal.tableArn, data.views.tableArn);
    audit.allow(['dynamodb:Query'], data.registryArn);
    this.audit = new LedgerMachine(this, 'Audit', {
      folder: 'audit',
      functions: { AuditFunctionArn: audit.functionArn },
      sandbox,
    });
  }

  private addDeadLetters(): Queue {
    const queue = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    setLogicalId(queue, 'ProjectionDeadLetters');
    Validations.of(queue).acknowledge(
      { id: 'AwsSolutions-SQS3', reason: 'This is the dead-letter queue itself.' },
      {
        id: 'Serverless-SQSRedrivePolicy',
        reason: 'This is the dead-letter queue itself; nothing consumes it but people.',
      },
    );
    return queue;
  }

  private feedFromStream({ stream }: LedgerData): void {
    this.projection.addEventSource(
      new KinesisEventSource(stream, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: BATCH_RECORDS,
        maxBatchingWindow: BATCH_WINDOW,
        // One batch a shard at a time: two would race for the cursors of the same chains.
        parallelizationFactor: 1,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: RETRIES,
        maxRecordAge: MAX_RECORD_AGE,
        onFailure: new SqsDlq(this.deadLetters),
      }),
    );
  }

  private scheduleSweep(): void {
    const rule = new Rule(this, 'SweepSchedule', {
      description: 'Starts the sweep',
      schedule: Schedule.rate(SWEEP_EVERY),
    });
    // The next sweep does all that a failed one left undone, so a failed one is neither repeated nor kept.
    rule.addTarget(new LambdaTarget(this.sweep, { retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A lost start is made up by the next one five minutes later; an alarm watches that sweeps succeed.',
    });
  }
}
