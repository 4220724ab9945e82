import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FunctionCode } from './function-bundles.ts';
import type { Identity } from './identity.ts';
import { LedgerFunction } from './ledger-function.ts';
import { LedgerMachine } from './ledger-machine.ts';

export interface TwinProps {
  /** Base URL of the contract's paths: the one way in that the twin has. */
  apiUrl: string;
  identity: Identity;
  /** Makes the digest that a scenario ends with. */
  digest: LedgerFunction;
  code: FunctionCode;
  sandbox: boolean;
}

/** The digital twin: one function that does its activities, and one state machine a scenario that calls it. */
export class Twin extends Construct {
  readonly activities: LedgerFunction;
  readonly steadyState: LedgerMachine;

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
    this.steadyState = new LedgerMachine(this, 'SteadyState', {
      folder: 'steady-state',
      functions: { DigestFunctionArn: digest.functionArn, TwinFunctionArn: this.activities.functionArn },
      sandbox,
    });
  }
}
