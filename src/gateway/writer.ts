import type { Sha256 } from '../core/chain/hash.ts';
import type { DecisionContext } from '../core/decide.ts';
import {
  ChainBrokenError,
  type ChainReplica,
  type Commit,
  type Journal,
  JournalUnavailableError,
} from '../journal/port.ts';
import { replyOf, Repeats } from './answer.ts';
import { claimKey, type Draft, Group, type Routed } from './group.ts';
import { fault, type Reply } from './reply.ts';

/** Commands decided together at the most. */
const GROUP_MAX_COMMANDS = 250;
/**
 * Attempts at one append. Losing a race costs one, and with n writers on a chain the last may lose n − 1 times, so the
 * limit is far above the writers of a chain; what ends an append in practice is its budget of time.
 */
const MAX_ATTEMPTS = 500;
const FIRST_PAUSE_MS = 20;

/** Time as it passes, for budgets and pauses. */
export interface Timers {
  /** Milliseconds of a clock that only rises. */
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

export interface WriterContext {
  tenantId: string;
  journal: Journal;
  catalog: () => Pick<DecisionContext, 'tenant' | 'product'>;
  sha256: Sha256;
  /** The wall clock, ISO 8601: for the time beside the hash chain only. */
  now: () => string;
  /** Time that the appends of one turn may take together, retries included: a group begins within it or not at all. */
  budgetMs: number;
  timers: Timers;
  onCommit?: (commits: readonly Commit[]) => void;
}

/**
 * Decides and appends commands on chains whose locks the caller holds. The replicas are the caller's.
 * After a lost answer the tail is read and everything is decided again: if it was our commit that stands there, its
 * commands are remembered by now and their answers are read from it.
 * Groups that would begin after the budget of them all are left undecided, without a reply: who waits for them has had
 * their answer promised by then.
 * @throws JournalUnavailableError when an append did not succeed within the budget; what got a reply before is done
 */
export async function appendInOrder(
  routed: readonly Routed[],
  replicas: readonly ChainReplica[],
  context: WriterContext,
  reply: (index: number, reply: Reply) => void,
): Promise<void> {
  const { nowMs } = context.timers;
  const deadline = nowMs() + context.budgetMs;
  let done = 0;
  while (done < routed.length && (done === 0 || nowMs() < deadline)) {
    const group = routed.slice(done, done + GROUP_MAX_COMMANDS);
    const replies = await appendGroup(group, replicas, { ...context, deadline });
    for (const [index, each] of replies.entries()) reply(done + index, each);
    done += replies.length;
  }
}

/**
 * Reads the tails of chains, and comes to its end only when none is being read any more, after a fault as well: whoever has the
 * chains' locks next would decide on a replica that still moves under him.
 * @throws the first fault
 */
async function catchUpAll(replicas: readonly ChainReplica[]): Promise<void> {
  for (const broken of (await catchUpSound(replicas)).values()) throw broken;
}

/**
 * As `catchUpAll`, but for chains that do not verify, which are no reason to keep others waiting.
 * @returns the faults of those, by the name of the chain
 * @throws the first fault of another kind
 */
export async function catchUpSound(replicas: readonly ChainReplica[]): Promise<Map<string, ChainBrokenError>> {
  const read = await Promise.allSettled(replicas.map((replica) => replica.catchUp()));
  const broken = new Map<string, ChainBrokenError>();
  for (const [index, { ref }] of replicas.entries()) {
    const result = read[index];
    if (result?.status !== 'rejected') continue;
    if (!(result.reason instanceof ChainBrokenError)) throw result.reason;
    broken.set(ref.chain, result.reason);
  }
  return broken;
}

/** Decides commands without appending anything, on replicas that were just brought up to date. */
export async function decideOnly(
  routed: readonly Routed[],
  replicas: readonly ChainReplica[],
  context: WriterContext,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  // Each for itself: a dry run of one must not count on another's.
  for (const each of routed) {
    const group = newGroup(replicas, context, await takenBy(each, context));
    group.add(each);
    const [reply] = await repliesOf(group, group.draft(context.now()), context);
    if (!reply) throw new Error(`Cannot answer command "${each.command.commandId}"`);
    replies.push(reply.kind === 'accepted' ? { ...reply, body: { ...reply.body, dryRun: true } } : reply);
  }
  return replies;
}

async function appendGroup(
  routed: readonly Routed[],
  replicas: readonly ChainReplica[],
  context: WriterContext & { deadline: number },
): Promise<Reply[]> {
  const { deadline, timers } = context;
  const taken = new Set<string>();
  let stale = false;
  let failures = 0;
  let lastCause: unknown;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && timers.nowMs() < deadline; attempt += 1) {
    try {
      if (lastCause !== undefined) await timers.pause(pauseMs((failures += 1)));
      if (stale) await catchUpAll(replicas);
      const group = newGroup(replicas, context, taken);
      for (const each of routed) if (!group.add(each)) break;
      if (group.refusesAcross && (await moveOn(replicas))) {
        stale = false;
        continue;
      }
      const draft = group.draft(context.now());
      if (draft.commits.length === 0) return await repliesOf(group, draft, context);

      stale = true; // Until the append is known to have succeeded.
      const result = await context.journal.append(draft);
      if (result.outcome === 'appended') {
        group.apply(draft.commits);
        context.onCommit?.(draft.commits);
        return await repliesOf(group, draft, context);
      }
      for (const reservation of result.taken) taken.add(claimKey(reservation));
      // Neither moved on nor taken: another transaction was in the way, which takes a moment.
      lastCause = result.movedChains.length === 0 && result.taken.length === 0 ? 'conflict' : undefined;
    } catch (cause) {
      if (!(cause instanceof JournalUnavailableError)) throw cause;
      lastCause = cause;
      stale = true;
      if (!cause.retryable) break;
    }
  }
  throw new JournalUnavailableError('Cannot append within the budget', { cause: lastCause });
}

/**
 * Reads the tails of all chains. Where none has moved on, all of them stood at one moment as they were decided on: what was
 * refused for the sake of a chain that the append does not write, was rightly refused.
 */
async function moveOn(replicas: readonly ChainReplica[]): Promise<boolean> {
  const before = replicas.map(({ seq }) => seq);
  await catchUpAll(replicas);
  return replicas.some(({ seq }, index) => seq !== before[index]);
}

/** Looks claims up, which an append would find taken by itself. */
async function takenBy({ command }: Routed, { tenantId, journal }: WriterContext): Promise<Set<string>> {
  if (command.type !== 'CreateCustomer') return new Set();
  const taken = await journal.taken(command.claims.map((claim) => ({ tenantId, ...claim, holder: '' })));
  return new Set(taken.map(claimKey));
}

function newGroup(replicas: readonly ChainReplica[], context: WriterContext, taken: ReadonlySet<string>): Group {
  return new Group(replicas, { tenantId: context.tenantId, catalog: context.catalog(), sha256: context.sha256, taken });
}

async function repliesOf(group: Group, draft: Draft, context: WriterContext): Promise<Reply[]> {
  const { tenantId, journal, sha256 } = context;
  const exponent = context.catalog().tenant?.currencyExponent ?? 0;
  const repeats = new Repeats({ tenantId, journal, sha256, commits: draft.commits, exponent });
  const replies: Reply[] = [];
  for (const outcome of group.outcomes) {
    switch (outcome.kind) {
      case 'decided':
        replies.push(replyOf(outcome.placed, { committedAt: draft.committedAt, exponent }));
        break;
      case 'repeat':
        replies.push(await repeats.answer(outcome.home, outcome.remembered));
        break;
      case 'reused':
        replies.push(
          fault(
            'IdempotencyKeyReused',
            'The idempotency key was used for another command of the same chain before; use a new key for a new command',
          ),
        );
        break;
      default:
        outcome satisfies never;
    }
  }
  return replies;
}

function pauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), 1_000);
}
