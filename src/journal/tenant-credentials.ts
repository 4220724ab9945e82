import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

/**
 * Makes clients whose credentials are bound to one tenant: the role's policy lets them touch only keys that begin with
 * the tenant's code and a `#`. Clients, and so their credentials, are kept per tenant; the SDK renews them.
 */
export function createTenantClients(options: {
  roleArn: string;
  client?: DynamoDBClientConfig;
}): (tenantId: string) => DynamoDBClient {
  const clients = new Map<string, DynamoDBClient>();
  return (tenantId) => {
    let client = clients.get(tenantId);
    if (!client) {
      client = new DynamoDBClient({
        ...options.client,
        credentials: fromTemporaryCredentials({
          params: {
            RoleArn: options.roleArn,
            RoleSessionName: `tenant-${tenantId}`,
            Tags: [{ Key: 'TenantID', Value: tenantId }],
          },
        }),
      });
      clients.set(tenantId, client);
    }
    return client;
  };
}
