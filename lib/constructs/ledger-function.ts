import { type Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from './function-bundles.ts';
import { LedgerLog } from './ledger-log.ts';
import { setLogicalId } from './logical-id.ts';

export const METRICS_NAMESPACE = 'TuringCore';

export interface LedgerFunctionProps {
  name: FunctionName;
  /** Folder with the bundled code. */
  codeDir: string;
  description: string;
  memoryMiB: number;
  timeout: Duration;
  environment?: Record<string, string>;
  /** What becomes of an invocation that fails, and why no dead-letter queue is needed for it. */
  whenItFails: string;
  sandbox: boolean;
}

/**
 * A function of the ledger: arm64, the newest Node runtime, its own log group with an end to it, tracing, and a role that
 * starts with nothing but the right to write that log. What else it may do is listed where it is used, action by action.
 */
export class LedgerFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: LedgerFunctionProps) {
    const logGroup = new LedgerLog(scope, `${id}Log`, { sandbox: props.sandbox });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.codeDir),
      handler: 'index.handler',
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
        ...props.environment,
      },
    });
    setLogicalId(this, id);
    Validations.of(this).acknowledge({ id: 'Serverless-LambdaDLQ', reason: props.whenItFails });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords accept only "*".',
    });
  }

  /** Allows exactly these actions on exactly these resources. */
  allow(actions: readonly string[], ...resources: string[]): void {
    this.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources }));
  }
}
