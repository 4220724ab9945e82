import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { setLogicalId } from './logical-id.ts';

/** Lists the tenants: only the commit that creates a tenant carries the attribute, so the index holds one item a tenant. */
const REGISTRY_INDEX = 'registry';

/** The journal, the views made from it, the stream that carries one to the other, and snapshots of the journal's chains. */
export class LedgerData extends Construct {
  readonly journal: Table;
  readonly views: Table;
  /** A cache, by which cold functions need not read chains whole. Whatever is in it can be made again. */
  readonly snapshots: Table;
  readonly stream: Stream;

  constructor(scope: Construct, id: string, { sandbox }: { sandbox: boolean }) {
    super(scope, id);
    const removalPolicy = sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const retained = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !sandbox,
      removalPolicy,
      encryption: TableEncryption.DEFAULT,
    } satisfies Partial<TableProps>;

    // One provisioned shard: $11 a month where on-demand mode costs $29 idle. It takes 1 MB/s, which is some 1,000
    // commits a second; more shards are a number to change, and projections do not care how many there are.
    this.stream = new Stream(this, 'Stream', {
      streamMode: StreamMode.PROVISIONED,
      shardCount: 1,
      encryption: StreamEncryption.MANAGED,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.journal = new Table(this, 'Journal', {
      ...retained,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.NUMBER },
      kinesisStream: this.stream,
    });
    this.journal.addGlobalSecondaryIndex({
      indexName: REGISTRY_INDEX,
      partitionKey: { name: 'registry', type: AttributeType.STRING },
      sortKey: { name: 'pk', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.views = new Table(this, 'Views', {
      ...retained,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
    });
    // No stream, no backups, and gone with the stack: nothing is lost with it but time.
    this.snapshots = new Table(this, 'Snapshots', {
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
      encryption: TableEncryption.DEFAULT,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
    });
    Validations.of(this.snapshots).acknowledge({
      id: 'AwsSolutions-DDB3',
      reason: 'A cache: what is in it is made again from the journal, which can be restored to any second.',
    });
    setLogicalId(this.journal, 'JournalTable');
    setLogicalId(this.views, 'ViewsTable');
    setLogicalId(this.snapshots, 'SnapshotsTable');
    setLogicalId(this.stream, 'JournalStream');
  }

  /** ARN of the index that lists the tenants. */
  get registryArn(): string {
    return `${this.journal.tableArn}/index/${REGISTRY_INDEX}`;
  }
}
