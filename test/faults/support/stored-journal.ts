import { createDynamoDb } from '../../../src/dynamodb/client.ts';
import { createDynamoJournal } from '../../../src/journal/dynamodb-journal.ts';
import type { Up } from './up.ts';

/** Reads the journal as it is stored, past the API. */
export async function withJournal<Result>(
  up: Up,
  use: (journal: ReturnType<typeof createDynamoJournal>) => Promise<Result>,
): Promise<Result> {
  const { dynamodbUrl = '', journalTable = '' } = up.address;
  const client = createDynamoDb({
    address: { region: 'ap-southeast-2', endpoint: new URL(dynamodbUrl) },
    credentials: () => ({ accessKeyId: 'local', secretAccessKey: 'local' }),
  });
  try {
    return await use(createDynamoJournal({ client, tableName: journalTable, timeoutMs: 30_000 }));
  } finally {
    client.close();
  }
}
