import { createAssumeRole, type RoleSession } from '../dynamodb/assume-role.ts';
import { createDynamoDb, type DynamoDb } from '../dynamodb/client.ts';
import { renewedCredentials } from '../dynamodb/renewed-credentials.ts';

/** The session tag that the role's policy compares keys with. */
const TENANT_TAG = 'TenantID';

/**
 * Makes clients whose credentials are bound to one tenant: the role's policy lets them touch only keys that begin with
 * the tenant's code and a `#`. Clients are kept per tenant, with their credentials, which are renewed, and with connections of
 * their own: should a peer ever answer out of turn, no tenant gets another's answer.
 */
export function createTenantClients(options: { roleArn: string }): (tenantId: string) => DynamoDb {
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
      client = createDynamoDb({ credentials: renewedCredentials(() => assumeRole(session), Date.now) });
      clients.set(tenantId, client);
    }
    return client;
  };
}
