import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api } from '../constructs/api.ts';
import { Digests } from '../constructs/digests.ts';
import type { FunctionCode } from '../constructs/function-bundles.ts';
import { Identity } from '../constructs/identity.ts';
import { LedgerData } from '../constructs/ledger-data.ts';
import { Observability } from '../constructs/observability.ts';
import { Projections } from '../constructs/projections.ts';
import { RequestHandlers } from '../constructs/request-handlers.ts';
import { Twin } from '../constructs/twin.ts';
import { readSettings } from '../settings.ts';

/** The whole ledger and its twin, in one stack: so that `npx cdk deploy` needs no argument. */
export class TuringCoreStack extends Stack {
  constructor(scope: Construct, id: string, { code }: { code: FunctionCode }) {
    super(scope, id, { description: 'TuringCore: a bank ledger that anyone can verify, and its digital twin' });
    const { sandbox, tenants, alarmTopicArn, formerDigestKeys } = readSettings(this.node);
    Tags.of(this).add('application', 'turingcore');

    const data = new LedgerData(this, 'Data', { sandbox });
    const identity = new Identity(this, 'Identity', { tenants, sandbox });
    const handlers = new RequestHandlers(this, 'RequestHandlers', { data, code, sandbox });
    const api = new Api(this, 'Api', {
      handlers,
      issuer: identity.userPool.userPoolProviderUrl,
      clientIds: [identity.twinClient.userPoolClientId, identity.operatorClient.userPoolClientId],
      sandbox,
    });
    const projections = new Projections(this, 'Projections', { data, code, sandbox });
    const digests = new Digests(this, 'Digests', { data, code, sandbox, formerKeys: formerDigestKeys });
    const twin = new Twin(this, 'Twin', { apiUrl: api.url, identity, digest: digests.digest, code, sandbox });
    const { dashboard } = new Observability(this, 'Observability', {
      data,
      handlers,
      api,
      projections,
      digests,
      twin,
      ...(alarmTopicArn === undefined ? {} : { alarmTopicArn }),
    });

    this.output('ApiUrl', api.url, 'Base URL of the API');
    this.output('DocsUrl', `${api.endpoint}/docs`, 'Reference page of the API');
    this.output('TokenUrl', identity.tokenUrl, 'OAuth 2.0 token endpoint (client credentials)');
    this.output('UserPoolId', identity.userPool.userPoolId, 'Cognito user pool of the machine clients');
    this.output('TwinClientId', identity.twinClient.userPoolClientId, 'Client of the twin');
    this.output(
      'OperatorClientId',
      identity.operatorClient.userPoolClientId,
      'Client of an operator: reads, posts nothing',
    );
    this.output('StateMachineArn', twin.steadyState.stateMachineArn, 'State machine of the steady-state scenario');
    this.output('JournalTableName', data.journal.tableName, 'Table of the journal');
    this.output('ViewsTableName', data.views.tableName, 'Table of the views');
    this.output('StreamName', data.stream.streamName, "Stream of the journal's commits");
    this.output(
      'SweepFunctionName',
      projections.sweep.functionName,
      'Function that rebuilds views when it is asked to, step by step',
    );
    this.output(
      'AuditStateMachineArn',
      projections.audit.stateMachineArn,
      'State machine that checks the five invariants over the whole journal and all views',
    );
    this.output(
      'DigestFunctionName',
      digests.digest.functionName,
      'Function that makes digests: of one tenant, or of all',
    );
    this.output('DigestBucketName', digests.bucket.bucketName, 'Bucket of the signed digests and of the public keys');
    this.output('DashboardName', dashboard.dashboardName, 'CloudWatch dashboard');
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
