import { expect, test } from 'vitest';
import { chainOfId } from '../../../src/core/chain/name.ts';
import { createRequests, type RequestOptions } from './requests.ts';

interface Command {
  commandId: string;
  idempotencyKey: string;
  payload: { legs: { accountId: string; direction: 'DEBIT' | 'CREDIT'; amount: number }[] };
}

const ACCOUNTS = Array.from({ length: 1_000 }, (_, index) => `acc_${String(index % 16).padStart(2, '0')}_${index}`);

/** The commands of each request. */
function take(count: number, options: Pick<RequestOptions, 'batch' | 'spread'>): Command[][] {
  const requests = createRequests({ tenantId: 'CU_TEST', accounts: ACCOUNTS, runId: '0000cafe', ...options });
  return Array.from({ length: count }, () => {
    const body = JSON.parse(requests.next(0).toString()) as Command | { commands: Command[] };
    return 'commands' in body ? body.commands : [body];
  });
}

const memberOf = ({ payload }: Command): string => payload.legs[0]?.accountId ?? '';

test.each([
  [1, 8_000],
  [50, 160],
  [250, 64],
])('requests of %d draw on nearly all accounts, and after %d of them every balance is what it was', (batch, count) => {
  const commands = take(count, { batch, spread: 'all-chains' }).flat();
  const minor = new Map<string, number>();
  for (const { payload } of commands) {
    for (const { accountId, direction, amount } of payload.legs) {
      const change = Math.round(amount * 100) * (direction === 'DEBIT' ? 1 : -1);
      minor.set(accountId, (minor.get(accountId) ?? 0) + change);
    }
  }
  expect(minor.size).toBeGreaterThan(960);
  expect([...minor.values()].filter((sum) => sum !== 0)).toEqual([]);
  expect(new Set(commands.flatMap((each) => [each.commandId, each.idempotencyKey])).size).toBe(2 * commands.length);
});

test('one request does not draw on the account of the one before it', () => {
  const members = take(4_000, { batch: 1, spread: 'all-chains' }).flat().map(memberOf);
  expect(members.filter((member, place) => member === members[place - 1]).length).toBeLessThan(40);
});

test('accounts of one chain are those of one chain in each request, and of all chains in turns', () => {
  const chains = take(64, { batch: 50, spread: 'one-chain' }).map((each) => new Set(each.map(memberOf).map(chainOfId)));
  expect(chains.filter(({ size }) => size !== 1)).toEqual([]);
  expect(new Set(chains.flatMap((each) => [...each])).size).toBe(16);
});
