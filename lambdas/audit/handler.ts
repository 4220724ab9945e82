import { createDynamoSource } from '../../src/audit/dynamodb-source.ts';
import { createDynamoDb } from '../../src/dynamodb/client.ts';
import { requireEnvironment } from '../middleware/environment.ts';
import { runTask } from './tasks.ts';

const { JOURNAL_TABLE, VIEWS_TABLE } = requireEnvironment('JOURNAL_TABLE', 'VIEWS_TABLE');
const source = createDynamoSource({
  client: createDynamoDb(),
  journalTable: JOURNAL_TABLE,
  viewsTable: VIEWS_TABLE,
});

/** Does one task of the state machine that audits the ledger: `stepfunctions/audit` has them, and what each answers. */
export async function handler(event: unknown): Promise<unknown> {
  return runTask(event, source, async (result) => {
    // Only the last task tells anything: the others start without what telling takes.
    const { tell } = await import('./telemetry.ts');
    tell(result);
  });
}
