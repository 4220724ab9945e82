import { addDays } from '../calendar/calendar.ts';
import { openingKinds, openingOfAccount, openingOfCustomer } from '../commands/opening.ts';
import { byChain, CHAINS_PER_WORKER, perChain } from './chains.ts';
import type { Session } from './session.ts';

/**
 * Members of one invocation. Part of the order of commands, so it does not depend on the number of workers. The accounts of a
 * thousand members are about 140 a chain: one request and one commit of 250 KB.
 */
export const SEED_RANGE = 1_000;

/**
 * Creates the members from index `from` on, in one sequence, since the ledger picks the chains; then, chain by chain,
 * their accounts.
 */
export async function seedMembers(session: Session, input: { from: number }): Promise<{ from: number; done: boolean }> {
  const { config, courier, directory, sender, world } = session;
  const end = Math.min(config.members, input.from + SEED_RANGE);
  const members = Array.from({ length: end - input.from }, (_, index) => ({ member: input.from + index }));
  const customers = await courier.deliver(members.map(({ member }) => openingOfCustomer(world, { sender, member })));
  members.forEach(({ member }, index) => directory.addCustomer(member, customers[index]?.entityId ?? ''));
  await perChain(byChain(session, members), {
    atOnce: config.workers * CHAINS_PER_WORKER,
    task: async (list) => {
      const accounts = list.flatMap(({ member }) => openingKinds(world, member).map((kind) => ({ member, kind })));
      const commands = accounts.map(({ member, kind }) =>
        openingOfAccount(world, { sender, member, kind, customerId: directory.customerId(member) }),
      );
      const answers = await courier.deliver(commands);
      accounts.forEach((account, index) => directory.addAccount(account, answers[index]?.entityId ?? ''));
    },
  });
  const done = end === config.members;
  if (done) session.ports.metrics.dayEnded({ day: 0, date: addDays(config.start, -1) });
  return { from: end, done };
}
