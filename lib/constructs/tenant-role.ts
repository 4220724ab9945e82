import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { ArnPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { LedgerFunction } from './ledger-function.ts';
import { setLogicalId } from './logical-id.ts';

/** The session tag that says for which tenant a request is served. */
const TENANT_TAG = 'TenantID';

interface TenantAccess {
  tableArn: string;
  actions: readonly string[];
}
interface TenantRoleProps {
  /** The function that serves tenants; it alone may take the role, and only while naming a tenant. */
  assumedBy: LedgerFunction;
  access: readonly TenantAccess[];
}

/**
 * A role that can reach one tenant's items and nothing else. A function takes it for each tenant it serves, with the
 * tenant's code as a session tag; the policy then compares the partition keys of every request with that tag.
 */
export class TenantRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { assumedBy, access }: TenantRoleProps) {
    super(scope, id);
    const caller = functionRoleArn(assumedBy);
    const role = new Role(this, 'Role', {
      description: `Items of the one tenant that the session tag ${TENANT_TAG} names`,
      // Without the tag, or with any other tag beside it, the role cannot be taken.
      assumedBy: new ArnPrincipal(caller)
        .withConditions({
          StringLike: { [`aws:RequestTag/${TENANT_TAG}`]: '?*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': [TENANT_TAG] },
        })
        .withSessionTags(),
    });
    setLogicalId(role, id);
    for (const { tableArn, actions } of access) {
      role.addToPolicy(new PolicyStatement(ownItemsOnly(tableArn, actions)));
    }
    assumedBy.allow(['sts:AssumeRole', 'sts:TagSession'], role.roleArn);
    this.roleArn = role.roleArn;
  }
}

function ownItemsOnly(tableArn: string, actions: readonly string[]): PolicyStatementProps {
  return {
    actions: [...actions],
    resources: [tableArn],
    conditions: {
      // The "#" ends the tenant's code: without it CU_A could read the items of CU_AB.
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`\${aws:PrincipalTag/${TENANT_TAG}}#*`] },
      // "For all values" is true of no values at all: without this a request without keys, such as Scan, would pass.
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  };
}

function functionRoleArn({ role }: LedgerFunction): string {
  if (role === undefined) throw new Error('Expected a function with a role');
  return role.roleArn;
}
