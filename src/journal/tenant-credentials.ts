import { createAssumeRole, type RoleSession } from '../dynamodb/assume-role.ts';
import type { DynamoDb } from '../dynamodb/client.ts';
import { renewedCredentials } from '../dynamodb/renewed-credentials.ts';

/** The session tag that the role's policy compares keys with. */
const TENANT_TAG = 'TenantID';

/**
 * Makes clients whose credentials are bound to one tenant: the role's policy lets them touch only keys that begin with
 * the tenant's code and a `#`. Clients, and so their credentials, are kept per tenant and renewed; connections are shared.
 */
export function createTenantClients(options: { roleArn: string; dynamodb: DynamoDb }): (tenantId: string) => DynamoDb {
  const assumeRole = createAssumeRole();
  const clients = new Map<string, DynamoDb>();
  return (tenantId) => {
    let client = clients.get(tenantId);
    if (!client) {
      const session: RoleSession = {
        roleArn: options.roleArn,
        sessionName: `tenant-${tenantId}`,
        tags: { [TENANT_TAG]: tenantId },
      };
      client = options.dynamodb.as(renewedCredentials(() => assumeRole(session), Date.now));
      clients.set(tenantId, client);
    }
    return client;
  };
}
