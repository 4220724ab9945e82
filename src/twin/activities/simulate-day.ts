import { application, posting } from '../commands/posting.ts';
import type { EntryIntent, LoanIntent } from '../world/intent.ts';
import { byChain, CHAINS_PER_WORKER, perChain } from './chains.ts';
import type { Session } from './session.ts';

/** Posts the members' own entries of a day, on this worker's share of the chains, two chains at a time. */
export async function simulateDay(
  session: Session,
  input: { day: number; share: number; shares: number },
): Promise<{ commands: number }> {
  const { directory } = session;
  const plan = session.plan(input.day);
  await directory.load();
  const loans = byChain(session, plan.loans);
  const entries = byChain(session, plan.own);
  // Chains are numbered; which worker takes one does not matter for what happens on it.
  const mine = new Map(
    [...new Set([...loans.keys(), ...entries.keys()])]
      .filter((chain) => Number(chain) % input.shares === input.share)
      .toSorted()
      .map((chain) => [chain, { loans: loans.get(chain) ?? [], entries: entries.get(chain) ?? [] }]),
  );
  let commands = 0;
  const posted = perChain(mine, {
    atOnce: CHAINS_PER_WORKER,
    task: async (chain) => {
      await decideLoans(session, { date: plan.date, loans: chain.loans });
      await post(session, { date: plan.date, entries: chain.entries });
      commands += chain.loans.length + chain.entries.length;
    },
  });
  await Promise.all([posted, session.planAhead()]);
  return { commands };
}

async function decideLoans(session: Session, options: { date: string; loans: readonly LoanIntent[] }): Promise<void> {
  const { courier, directory, sender, world } = session;
  const { date, loans } = options;
  const commands = loans.map((intent) =>
    application(world, { sender, date, intent, customerId: directory.customerId(intent.member) }),
  );
  const answers = await courier.deliver(commands);
  loans.forEach(({ member, expect }, index) => {
    if (expect === 'ACCEPTED') directory.addAccount({ member, kind: 'LOAN' }, answers[index]?.entityId ?? '');
  });
}

/** Posts entries, in order. */
export async function post(
  session: Session,
  options: { date: string; entries: readonly EntryIntent[] },
): Promise<void> {
  const { courier, directory, sender, world } = session;
  const { date, entries } = options;
  const commands = entries.map((intent) =>
    posting(world, { sender, date, intent, accountId: (account) => directory.accountId(account) }),
  );
  await courier.deliver(commands);
}
