import { RemovalPolicy } from 'aws-cdk-lib';
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

/** The journal, the views made from it, and the stream that carries one to the other. */
export class LedgerData extends Construct {
  readonly journal: Table;
  readonly views: Table;
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
    setLogicalId(this.journal, 'JournalTable');
    setLogicalId(this.views, 'ViewsTable');
    setLogicalId(this.stream, 'JournalStream');
  }

  /** ARN of the index that lists the tenants. */
  get registryArn(): string {
    return `${this.journal.tableArn}/index/${REGISTRY_INDEX}`;
  }
}
