import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A log group that forgets after three months, or after a week in a sandbox, which also deletes it. */
export class LedgerLog extends LogGroup {
  constructor(scope: Construct, id: string, { sandbox }: { sandbox: boolean }) {
    super(scope, id, {
      retention: sandbox ? RetentionDays.ONE_WEEK : RetentionDays.THREE_MONTHS,
      removalPolicy: sandbox ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
  }
}
