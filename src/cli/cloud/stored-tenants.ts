import { createDynamoDb } from '../../dynamodb/client.ts';
import { pagesOf } from '../../dynamodb/pages.ts';
import type { Cloud } from '../../local/index.ts';

/** Sparse index over the commits that create tenants. */
const REGISTRY_INDEX = 'registry';
/** Any region and any key reach the local cloud. */
const REGION = 'ap-southeast-2';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** @returns the tenants that a cloud's journal holds, in the order of their codes */
export async function storedTenants({ endpoints, outputs }: Pick<Cloud, 'endpoints' | 'outputs'>): Promise<string[]> {
  const address = { region: REGION, endpoint: new URL(endpoints.dynamodb) };
  const client = createDynamoDb({ address, credentials: () => CREDENTIALS });
  const scan = { TableName: outputs['JournalTableName'] ?? '', IndexName: REGISTRY_INDEX };
  try {
    const tenants: string[] = [];
    for await (const page of pagesOf((start) => client.send('Scan', { ...scan, ...start })))
      tenants.push(...page.map(({ pk }) => pk?.S?.split('#')[0] ?? '')); // `CU_DIGITAL#chain#catalog`
    return tenants.toSorted();
  } finally {
    client.close();
  }
}
