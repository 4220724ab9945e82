import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { FunctionCode } from './function-bundles.ts';
import type { LedgerData } from './ledger-data.ts';
import { LedgerFunction } from './ledger-function.ts';
import { setLogicalId } from './logical-id.ts';

export interface DigestsProps {
  data: LedgerData;
  code: FunctionCode;
  sandbox: boolean;
  /** Ids of the public keys that signed digests before the present one. */
  formerKeys: readonly string[];
}

const DIGEST_EVERY = Duration.minutes(5);
/**
 * For seven years nobody can delete a digest or shorten its time, not even the owner of the account: as long as financial
 * records have to be kept (Corporations Act 2001 (Cth), section 286). In a sandbox for a day, and whoever has the right may.
 */
const KEPT_DAYS = 7 * 365 + 2;
const KEPT_DAYS_IN_SANDBOX = 1;
/** Least time that KMS allows. */
const KEY_PENDING_IN_SANDBOX = Duration.days(7);

/** Signed digests of all tenants: the key that signs, the bucket that keeps, and the function that makes them. */
export class Digests extends Construct {
  readonly digest: LedgerFunction;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { data, code, sandbox, formerKeys }: DigestsProps) {
    super(scope, id);
    const key = this.addKey(sandbox);
    this.bucket = this.addBucket(sandbox);

    this.digest = new LedgerFunction(this, 'DigestFunction', {
      name: 'digest',
      codeDir: code.digest,
      description: 'Verifies what is new in the journal and signs digests of it, tenant by tenant',
      memoryMiB: 1024,
      timeout: Duration.minutes(15),
      environment: {
        JOURNAL_TABLE: data.journal.tableName,
        VIEWS_TABLE: data.views.tableName,
        DIGEST_BUCKET: this.bucket.bucketName,
        DIGEST_KEY: key.keyArn,
        ...(formerKeys.length > 0 && { FORMER_DIGEST_KEYS: formerKeys.join(',') }),
      },
      whenItFails:
        'The next run, five minutes later, makes the digests that a failed one did not; an alarm watches that runs succeed.',
      sandbox,
    });
    this.digest.allow(['dynamodb:GetItem', 'dynamodb:Query'], data.journal.tableArn);
    this.digest.allow(['dynamodb:Query'], data.registryArn);
    this.digest.allow(['dynamodb:BatchGetItem'], data.views.tableArn);
    // The views' other rows are the projection's: who signs must not be able to write what is compared with it.
    this.digest.addToRolePolicy(
      new PolicyStatement({
        actions: ['dynamodb:PutItem'],
        resources: [data.views.tableArn],
        conditions: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['*#digest'] },
          // "For all values" is true of no values at all.
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      }),
    );
    // Object by object it makes and reads. It lists to see what is there, and so that what is not there is told as missing.
    for (const path of ['*/digests/*', 'keys/*']) {
      this.digest.allow(['s3:GetObject', 's3:PutObject'], this.bucket.arnForObjects(path));
      Validations.of(this.digest.role ?? this.digest).acknowledge({
        id: `AwsSolutions-IAM5[Resource::<DigestBucket.Arn>/${path}]`,
        reason:
          'Tenants, numbers and keys come as time goes on. What stands there can be read and added to, never changed.',
      });
    }
    // Versions show what was there and is hidden: a series that has vanished is not begun anew. And they name all tenants that
    // have digests, which the journal may not do any more; a condition on the prefix would keep these from being seen.
    this.digest.allow(['s3:ListBucket', 's3:ListBucketVersions'], this.bucket.bucketArn);
    this.keepFromOthers(this.digest.role, sandbox);
    this.digest.allow(['kms:GetPublicKey'], key.keyArn);
    this.digest.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Sign'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } },
      }),
    );
    this.schedule();
  }

  private addKey(sandbox: boolean): Key {
    const key = new Key(this, 'Key', {
      description: 'Signs digests of the ledger',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      ...(sandbox && { pendingWindow: KEY_PENDING_IN_SANDBOX }),
    });
    setLogicalId(key, 'DigestKey');
    return key;
  }

  private addBucket(sandbox: boolean): Bucket {
    const bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: sandbox
        ? ObjectLockRetention.governance(Duration.days(KEPT_DAYS_IN_SANDBOX))
        : ObjectLockRetention.compliance(Duration.days(KEPT_DAYS)),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    setLogicalId(bucket, 'DigestBucket');
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Who reads a digest learns no secret, and nobody can change one: its signature, not an access log, is the evidence.',
    });
    return bucket;
  }

  /**
   * The lock keeps each version, but not from being hidden by a delete marker, nor from having another put above it. So nobody
   * deletes, and nobody but the function writes, whatever their roles allow; a lifecycle rule, or another policy, still could. What is in a sandbox can be deleted.
   */
  private keepFromOthers(writer: IRole | undefined, sandbox: boolean): void {
    const objects = this.bucket.arnForObjects('*');
    const everybody = { effect: Effect.DENY, principals: [new AnyPrincipal()], resources: [objects] };
    const conditions = { StringNotEquals: { 'aws:PrincipalArn': writer?.roleArn } };
    this.bucket.addToResourcePolicy(new PolicyStatement({ ...everybody, actions: ['s3:PutObject'], conditions }));
    const actions = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
    if (!sandbox) this.bucket.addToResourcePolicy(new PolicyStatement({ ...everybody, actions }));
  }

  private schedule(): void {
    const rule = new Rule(this, 'Schedule', {
      description: 'Starts the digests of all tenants',
      schedule: Schedule.rate(DIGEST_EVERY),
    });
    // The next run makes what a failed one did not, so a failed one is neither repeated nor kept.
    rule.addTarget(new LambdaTarget(this.digest, { event: RuleTargetInput.fromObject({}), retryAttempts: 0 }));
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A lost start is made up by the next one five minutes later; an alarm watches that digests are made.',
    });
  }
}
