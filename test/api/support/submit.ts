import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import type { LedgerClient, Schemas } from '../../../src/sdk/client.ts';

export type Accepted = Schemas['CommandAccepted'];
export type Result = Schemas['CommandBatchResult']['results'][number];

/** Submits commands one after the other. @returns their answers @throws where one is not accepted */
export async function submitAll(ledger: LedgerClient, commands: readonly CommandEnvelope[]): Promise<Accepted[]> {
  const answers: Accepted[] = [];
  for (const command of commands) answers.push(await submit(ledger, command));
  return answers;
}

/** Submits one command. @throws where it is not accepted */
export async function submit(ledger: LedgerClient, command: CommandEnvelope): Promise<Accepted> {
  const { data, error, response } = await ledger.POST('/tenants/{tenantId}/commands', {
    params: { path: { tenantId: command.tenantId } },
    body: bodyOf(command),
  });
  if (response.status !== 202 || !data)
    throw new Error(
      `Command "${command.commandType}" was answered with ${response.status}: ${JSON.stringify(error ?? data)}`,
    );
  return data;
}

/** Submits a batch. @returns its results, in order @throws where the batch as a whole is refused */
export async function submitBatch(
  ledger: LedgerClient,
  tenantId: string,
  commands: readonly unknown[],
): Promise<Result[]> {
  const { data, error, response } = await ledger.POST('/tenants/{tenantId}/commands/batch', {
    params: { path: { tenantId } },
    body: { commands: [...commands] },
  });
  if (!data) throw new Error(`The batch was answered with ${response.status}: ${JSON.stringify(error)}`);
  return data.results;
}

/** @returns what a command of a batch made @throws where it was not accepted */
export function entityOf(result: Result | undefined): string {
  if (!result || !('entityId' in result.body))
    throw new Error(`Expected an accepted command, got ${JSON.stringify(result)}`);
  return result.body.entityId;
}

/** The contract's own type and the generated one say the same in different words: what may be absent, what undefined. */
export function bodyOf(command: CommandEnvelope): Schemas['CommandEnvelope'] {
  return command as Schemas['CommandEnvelope'];
}
