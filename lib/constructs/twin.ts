import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { FunctionCode } from './function-bundles.ts';
import type { Identity } from './identity.ts';
import { LedgerFunction } from './ledger-function.ts';
import { LedgerLog } from './ledger-log.ts';
import { setLogicalId } from './logical-id.ts';

export interface TwinProps {
  /** Base URL of the contract's paths: the one way in that the twin has. */
  apiUrl: string;
  identity: Identity;
  /** Makes the digest that a scenario ends with. */
  digest: LedgerFunction;
  code: FunctionCode;
  sandbox: boolean;
}

const STATE_MACHINES = join(import.meta.dirname, '../../stepfunctions');

/** The digital twin: one function that does its activities, and one state machine a scenario that calls it. */
export class Twin extends Construct {
  readonly activities: LedgerFunction;
  readonly steadyState: StateMachine;

  constructor(scope: Construct, id: string, { apiUrl, identity, digest, code, sandbox }: TwinProps) {
    super(scope, id);
    this.activities = new LedgerFunction(this, 'TwinFunction', {
      name: 'twin',
      codeDir: code.twin,
      description: 'Activities of the digital twin: they use the ledger through its public API only',
      memoryMiB: 1024,
      timeout: Duration.minutes(15),
      environment: {
        API_URL: apiUrl,
        TOKEN_URL: identity.tokenUrl,
        CLIENT_ID: identity.twinClient.userPoolClientId,
        CLIENT_SECRET_ARN: identity.twinSecret.secretArn,
        SCOPES: identity.twinScopes,
      },
      whenItFails: 'The state machine waits for each activity and catches its failure.',
      sandbox,
    });
    this.activities.allow(['secretsmanager:GetSecretValue'], identity.twinSecret.secretArn);
    this.steadyState = this.addScenario('SteadyState', { folder: 'steady-state', digest, sandbox });
  }

  private addScenario(
    id: string,
    { folder, digest, sandbox }: { folder: string; digest: LedgerFunction; sandbox: boolean },
  ): StateMachine {
    const functions = { DigestFunctionArn: digest.functionArn, TwinFunctionArn: this.activities.functionArn };
    const machine = new StateMachine(this, id, {
      // Inline, so that whoever reads the template, the local cloud for one, needs no second file.
      definitionBody: DefinitionBody.fromString(
        readFileSync(join(STATE_MACHINES, folder, `${folder}.asl.json`), 'utf8'),
      ),
      definitionSubstitutions: functions,
      tracingEnabled: true,
      logs: {
        destination: new LedgerLog(this, `${id}Log`, { sandbox }),
        level: LogLevel.ALL,
      },
    });
    // Not `grantInvoke`, which would allow every version of the functions too.
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: Object.values(functions) }),
    );
    setLogicalId(machine, id);
    Validations.of(machine).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Delivery of logs and X-Ray traces by Step Functions has no resources to name: their actions accept only "*".',
    });
    return machine;
  }
}
