import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Cloud } from '../../local/index.ts';

/** Sparse index over the commits that create tenants. */
const REGISTRY_INDEX = 'registry';
/** Any region and any key reach the local cloud. */
const REGION = 'ap-southeast-2';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** @returns the tenants that a cloud's journal holds, in the order of their codes */
export async function storedTenants({ endpoints, outputs }: Pick<Cloud, 'endpoints' | 'outputs'>): Promise<string[]> {
  const client = new DynamoDBClient({ endpoint: endpoints.dynamodb, region: REGION, credentials: CREDENTIALS });
  try {
    const tenants: string[] = [];
    const scan = { TableName: outputs['JournalTableName'], IndexName: REGISTRY_INDEX };
    for await (const { Items = [] } of paginateScan({ client }, scan)) {
      // `CU_DIGITAL#chain#catalog`
      tenants.push(...Items.map(({ pk }) => pk?.S?.split('#')[0] ?? ''));
    }
    return tenants.toSorted();
  } finally {
    client.destroy();
  }
}
