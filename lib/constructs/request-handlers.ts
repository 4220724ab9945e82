import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { FunctionCode } from './function-bundles.ts';
import type { LedgerData } from './ledger-data.ts';
import { LedgerFunction } from './ledger-function.ts';
import { TenantRole } from './tenant-role.ts';

export interface RequestHandlersProps {
  data: LedgerData;
  code: FunctionCode;
  sandbox: boolean;
}

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'] as const;
/** DynamoDB authorises TransactWriteItems by what is in it. Nothing in the journal is ever updated or deleted. */
const APPEND = ['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'] as const;

/**
 * The functions behind the API. Their own roles reach no table at all: for each tenant they serve they take a role that
 * reaches this tenant's items only, the command function to append, the query function to read.
 */
export class RequestHandlers extends Construct {
  readonly command: LedgerFunction;
  readonly query: LedgerFunction;
  readonly docs: LedgerFunction;

  constructor(scope: Construct, id: string, { data, code, sandbox }: RequestHandlersProps) {
    super(scope, id);
    const { journal, views, snapshots } = data;

    this.command = new LedgerFunction(this, 'CommandFunction', {
      name: 'command',
      codeDir: code.command,
      description: 'Validates, authorises, decides and appends: the one write path',
      // One full CPU is 1,769 MiB; hashing and JSON are what a command costs.
      memoryMiB: 1769,
      timeout: Duration.seconds(20),
      environment: { JOURNAL_TABLE: journal.tableName, SNAPSHOTS_TABLE: snapshots.tableName },
      whenItFails:
        'The caller waits for the answer and gets the failure; a retry with the same idempotency key is safe.',
      sandbox,
    });
    const writer = new TenantRole(this, 'TenantWriterRole', {
      assumedBy: this.command,
      access: [
        { tableArn: journal.tableArn, actions: [...READ, ...APPEND] },
        // Who decides must not be able to change what decisions begin with.
        { tableArn: snapshots.tableArn, actions: ['dynamodb:GetItem'] },
      ],
    });
    this.command.addEnvironment('TENANT_ROLE_ARN', writer.roleArn);

    this.query = new LedgerFunction(this, 'QueryFunction', {
      name: 'query',
      codeDir: code.query,
      description: 'Answers queries from the views, and from the journal where a view is not enough',
      memoryMiB: 1024,
      timeout: Duration.seconds(20),
      environment: { JOURNAL_TABLE: journal.tableName, VIEWS_TABLE: views.tableName },
      whenItFails:
        'The caller waits for the answer and gets the failure; queries change nothing and can be asked again.',
      sandbox,
    });
    const reader = new TenantRole(this, 'TenantReaderRole', {
      assumedBy: this.query,
      access: [
        { tableArn: journal.tableArn, actions: READ },
        { tableArn: views.tableArn, actions: READ },
      ],
    });
    this.query.addEnvironment('TENANT_ROLE_ARN', reader.roleArn);

    this.docs = new LedgerFunction(this, 'DocsFunction', {
      name: 'docs',
      codeDir: code.docs,
      description: 'Serves the API description and its reference page',
      memoryMiB: 512,
      timeout: Duration.seconds(10),
      whenItFails: 'The reader waits for the page and gets the failure; nothing is lost.',
      sandbox,
    });
  }
}
