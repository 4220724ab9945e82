import { summaryOf, type TwinSummary } from '../report/summary.ts';
import { until } from '../ledger/directory.ts';
import type { World } from '../world/world.ts';
import type { Session } from './session.ts';

/** The ledger's balances are not those of the twin's books: one of the two reckons wrongly. */
export class BooksDisagree extends Error {
  override readonly name = 'BooksDisagree';
  readonly code = 'BOOKS_DISAGREE';
}

const QUOTED = 5;

/**
 * Waits until the views show everything, compares every account and every general-ledger balance with the twin's
 * books, and sums up the run.
 * @throws BooksDisagree that quotes the first differences
 */
export async function complete(session: Session): Promise<TwinSummary> {
  const { config, directory, ports } = session;
  await until(async () => {
    const chains = await ports.ledger.chains(config.tenantId);
    return chains.length > 0 && chains.every((chain) => chain.projectedSeq >= chain.headSeq);
  }, 'the whole journal');
  await directory.load();
  const world = session.finalWorld();
  const differences = [
    ...(await accountDifferences(session, world)),
    ...(await generalLedgerDifferences(session, world)),
  ];
  if (differences.length > 0) {
    const quoted = differences.slice(0, QUOTED).join('; ');
    throw new BooksDisagree(`The ledger and the twin's books differ in ${differences.length} places: ${quoted}`);
  }
  return summaryOf(world);
}

async function accountDifferences(session: Session, world: World): Promise<string[]> {
  const differences: string[] = [];
  let seen = 0;
  for await (const { member, kind, accountId, balance } of session.directory.accounts()) {
    seen += 1;
    const expectedMinor = world.books.balanceMinor(member, kind);
    const actualMinor = Math.round(balance * 100);
    if (actualMinor !== expectedMinor)
      differences.push(`${accountId} (${kind}) stands at ${actualMinor}, expected ${expectedMinor}`);
  }
  const expected = world.accountCount();
  if (seen !== expected) differences.push(`the ledger has ${seen} accounts of the members, expected ${expected}`);
  return differences;
}

async function generalLedgerDifferences(session: Session, world: World): Promise<string[]> {
  const differences: string[] = [];
  const { lines, balance } = await session.ports.ledger.trialBalance(session.config.tenantId);
  const actual = new Map(lines.map((line) => [line.account, Math.round(line.balance * 100)]));
  for (const [account, expectedMinor] of world.books.generalLedger()) {
    const actualMinor = actual.get(account) ?? 0;
    if (actualMinor !== expectedMinor)
      differences.push(`${account} stands at ${actualMinor}, expected ${expectedMinor}`);
  }
  if (balance !== 0) differences.push(`the trial balance is ${balance}, expected 0`);
  return differences;
}
