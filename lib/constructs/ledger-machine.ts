import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { LedgerLog } from './ledger-log.ts';
import { setLogicalId } from './logical-id.ts';

const STATE_MACHINES = join(import.meta.dirname, '../../stepfunctions');

interface LedgerMachineProps {
  /** Folder below `stepfunctions/`, and name of the definition in it. */
  folder: string;
  /** ARN of each function that the definition names, by its placeholder: the machine may invoke these and nothing else. */
  functions: Readonly<Record<string, string>>;
  sandbox: boolean;
}

/** A state machine as it stands in the repository, with a log and traces. */
export class LedgerMachine extends StateMachine {
  constructor(scope: Construct, id: string, { folder, functions, sandbox }: LedgerMachineProps) {
    super(scope, id, {
      // Inline, so that whoever reads the template, the local cloud for one, needs no second file.
      definitionBody: DefinitionBody.fromString(
        readFileSync(join(STATE_MACHINES, folder, `${folder}.asl.json`), 'utf8'),
      ),
      definitionSubstitutions: functions,
      tracingEnabled: true,
      logs: {
        destination: new LedgerLog(scope, `${id}Log`, { sandbox }),
        level: LogLevel.ALL,
      },
    });
    // Not `grantInvoke`, which would allow every version of the functions too.
    this.addToRolePolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: Object.values(functions) }),
    );
    setLogicalId(this, id);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'Delivery of logs and X-Ray traces by Step Functions has no resources to name: their actions accept only "*".',
    });
  }
}
