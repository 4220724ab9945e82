import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import type { Sending } from '../system/clients.ts';
import { fail } from './fail.ts';
import type { JournalReading, Recorded } from './journal.ts';
import { type Effect, keyOf, ModelBank, type Outcome } from './model.ts';

/**
 * Replays what the journal holds in the model, in the order in which it came.
 * @param chains how many each tenant has
 * @returns the banks, for their balances
 */
export function checkCommands(
  reading: JournalReading,
  sendings: readonly Sending[],
  chains: number,
): Map<string, ModelBank> {
  const sent = new Map<string, { envelope: CommandEnvelope; firstSentMs: number }>();
  for (const { envelope, sentMs, dryRun } of sendings)
    if (!dryRun && !sent.has(envelope.commandId)) sent.set(envelope.commandId, { envelope, firstSentMs: sentMs });
  const keys = new Set<string>();
  const banks = new Map<string, ModelBank>();
  /** What can only be judged when all that was written at once is known. */
  const later: (() => void)[] = [];
  let landing = -1;
  for (const recorded of reading.commands) {
    const [{ pk, event, tenantId, atMs }] = recorded.lines;
    const where = `${pk}/${event.seq}`;
    const origin = sent.get(event.causationId);
    if (!origin) fail(`${where} was caused by ${event.causationId}, which nobody sent`);
    const { envelope, firstSentMs } = origin;
    if (envelope.tenantId !== tenantId) fail(`${where} was caused by a command of ${envelope.tenantId}`);
    if (event.command?.key !== keyOf(envelope)) fail(`${where} has the key of another command`);
    if (keys.has(`${pk} ${event.command.key}`))
      fail(`${where}: a key stands twice on its chain, the command was applied twice`);
    keys.add(`${pk} ${event.command.key}`);
    if (atMs < firstSentMs) fail(`${where} came before it was sent`);
    const bank = banks.get(tenantId) ?? new ModelBank(chains);
    banks.set(tenantId, bank);
    if (recorded.landing !== landing) for (const check of later.splice(0)) check();
    ({ landing } = recorded);
    const check = replay({ bank, recorded, envelope, firstSentMs, where });
    if (check) later.push(check);
  }
  for (const check of later) check();
  return banks;
}

/**
 * Any product terms that were in force between the sending and the commit will do: the decision saw them at some time in
 * between. All other decisions have to be those of their place in the order.
 */
function replay(options: {
  bank: ModelBank;
  recorded: Recorded;
  envelope: CommandEnvelope;
  firstSentMs: number;
  where: string;
}): (() => void) | undefined {
  const { bank, recorded, envelope, firstSentMs, where } = options;
  const [{ atMs }] = recorded.lines;
  const actual = actualOf(recorded);
  const { catalogs } = bank;
  const seen = catalogs.filter((_, index) => (catalogs[index + 1]?.atMs ?? Infinity) >= firstSentMs);
  const fits =
    envelope.commandType === 'OpenAccount' &&
    seen.find(({ catalog }) => differenceOf(bank.foresee(envelope, catalog), actual) === undefined);
  const { error } = actual;
  if (error !== undefined && (envelope.commandType === 'PostEntry' || envelope.commandType === 'CreateCustomer')) {
    const couldBe =
      envelope.commandType === 'PostEntry' ? bank.refusalsSince(envelope, firstSentMs) : bank.claimsTaken(envelope);
    const foreseen = bank.foreseen(envelope);
    if (foreseen.error !== error && foreseen.home === actual.home)
      return () => {
        if (!couldBe(error))
          fail(`${where} (${envelope.commandType} ${envelope.commandId}): it was ${error}, which was never right`);
      };
  }
  const outcome = bank.apply(envelope, { atMs, catalog: fits ? fits.catalog : bank.catalog });
  bank.remember(atMs);
  const difference = differenceOf(outcome, actual);
  if (difference !== undefined) fail(`${where} (${envelope.commandType} ${envelope.commandId}): ${difference}`);
  return undefined;
}

interface Actual {
  home: string;
  error: string | undefined;
  effects: Effect[];
}

function actualOf({ lines }: Recorded): Actual {
  const [first] = lines;
  const error = first.event.type === 'CommandRefused' ? first.event.payload.error : undefined;
  const effects = lines.map(({ chain, event }): Effect => {
    const { type, entityId } = event;
    if (type === 'AccountOpened') {
      const { floorMinor, ceilingMinor } = event.payload;
      return { chain, type, entityId, bounds: `${floorMinor} ${ceilingMinor}` };
    }
    if (type !== 'AccountBalanceUpdated') return { chain, type, entityId };
    const { deltaMinor, balanceMinor } = event.payload;
    return { chain, type, entityId, deltaMinor, balanceMinor };
  });
  return { home: first.chain, error, effects };
}

/** @returns in which way the journal is not what the model says */
function differenceOf(expected: Outcome, actual: Actual): string | undefined {
  if (expected.home !== actual.home) return `it stands on chain ${actual.home}, the model says ${expected.home}`;
  if (expected.error !== actual.error)
    return `it was ${actual.error ?? 'accepted'}, the model says ${expected.error ?? 'accepted'}`;
  const [is, should] = [actual.effects.map(textOf).sort(), expected.effects.map(textOf).sort()];
  const index = should.findIndex((text, at) => text !== is[at]);
  if (index >= 0 || is.length !== should.length)
    return `it left ${is.join('; ') || 'nothing'}, the model says ${should.join('; ')}`;
  return undefined;
}

/** The ids of entries and refusals are the ledger's own affair. */
function textOf({ chain, type, entityId, deltaMinor, balanceMinor, bounds = '' }: Effect): string {
  const named = !['EntryPosted', 'FundsPosted', 'CommandRefused'].includes(type);
  const money = deltaMinor === undefined ? '' : ` by ${deltaMinor} to ${balanceMinor}`;
  return `${chain} ${type}${named ? ` ${entityId}` : ''}${money}${bounds}`;
}
