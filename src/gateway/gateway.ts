import { type CommandEnvelope, commandBatch } from '../contract/envelope.ts';
import { DEFAULT_CHAINS } from '../contract/limits.ts';
import type { Sha256 } from '../core/chain/hash.ts';
import { chainOfIndex } from '../core/chain/name.ts';
import { chainsOfCommand } from '../core/decide.ts';
import type { Tenant } from '../core/tenant/tenant.ts';
import { type ChainReplica, type Commit, type Journal, JournalUnavailableError } from '../journal/port.ts';
import { type Principal, refuseCommand } from './authorise.ts';
import { claimKey, type Routed } from './group.ts';
import { normalise } from './normalise.ts';
import { Patience } from './patience.ts';
import { fault, type Reply } from './reply.ts';
import { TenantLedger } from './tenant-ledger.ts';
import { faultsOf, namedFaults, parseEnvelope } from './validate.ts';
import type { Timers } from './writer.ts';

export interface GatewayOptions {
  /** A tenant's journal, with credentials bound to the tenant. */
  journalOf: (tenantId: string) => Journal;
  openReplica: (journal: Journal, ref: { tenantId: string; chain: string }) => ChainReplica;
  sha256: Sha256;
  /** The wall clock, ISO 8601; it decides nothing. */
  now: () => string;
  /** Time that the appends of one turn may take together, retries included; what has not begun by then is not decided. */
  budgetMs?: number;
  /** How many a tenant is created with. */
  chains?: number;
  /** Commands of a tenant that may wait for a commit in this process. */
  maxWaiting?: number;
  timers?: Timers;
  onCommit?: (commits: readonly Commit[]) => void;
}

export interface Submission {
  /** The tenant of the path. */
  tenantId: string;
  principal: Principal;
  dryRun?: boolean;
  /**
   * Time that its commands may wait for their turn, in ms; absent: as long as it takes. Who has to answer within a time needs the
   * budget of a turn besides.
   */
  patienceMs?: number;
}

export interface Gateway {
  /** Decides one command and makes it durable before it answers. */
  submit(input: unknown, submission: Submission): Promise<Reply>;
  /** Decides the commands of a batch in order, each for itself. @returns a reply a command, or one fault for the whole */
  submitBatch(input: unknown, submission: Submission): Promise<Reply[] | Reply>;
}

/** Commands on one chain that share a transaction with those before and after them, which costs twice the write units. */
const BETWEEN_MAX_COMMANDS = 16;

const DEFAULT_BUDGET_MS = 8_000;
const DEFAULT_MAX_WAITING = 20_000;
const PLATFORM_TIMERS: Timers = {
  nowMs: () => performance.now(),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** A command on its way: validated and permitted, with the place of its reply. */
interface Pending {
  index: number;
  envelope: CommandEnvelope;
}

interface Dispatch {
  dryRun: boolean;
  patience: Patience;
}

/** The one write path: validate, authorise, decide, append, reply. */
export function createGateway(options: GatewayOptions): Gateway {
  const {
    journalOf,
    openReplica,
    sha256,
    now,
    budgetMs = DEFAULT_BUDGET_MS,
    chains = DEFAULT_CHAINS,
    maxWaiting = DEFAULT_MAX_WAITING,
    timers = PLATFORM_TIMERS,
    onCommit,
  } = options;
  const ledgers = new Map<string, TenantLedger>();

  function ledgerOf(tenantId: string): TenantLedger {
    let ledger = ledgers.get(tenantId);
    if (!ledger) {
      ledger = new TenantLedger({
        tenantId,
        journal: journalOf(tenantId),
        openReplica,
        sha256,
        now,
        budgetMs,
        timers,
        ...(onCommit && { onCommit }),
      });
      ledgers.set(tenantId, ledger);
    }
    return ledger;
  }

  async function submitAll(inputs: readonly unknown[], submission: Submission): Promise<Reply[]> {
    const replies: Reply[] = [];
    const pending: Pending[] = [];
    for (const [index, input] of inputs.entries()) {
      const admitted = admit(input, submission);
      if ('kind' in admitted) replies[index] = admitted;
      else pending.push({ index, envelope: admitted });
    }
    if (pending.length === 0) return replies;
    const ledger = ledgerOf(submission.tenantId);
    if (ledger.waiting + pending.length > maxWaiting) {
      for (const { index } of pending)
        replies[index] = fault('TooManyRequests', 'Too many commands are waiting; retry later with the same key');
      return replies;
    }
    const { dryRun = false, patienceMs = Number.POSITIVE_INFINITY } = submission;
    const patience = new Patience(patienceMs, timers);
    for (const segment of segmentsOf(pending)) {
      const answered = await runSegment(segment, ledger, { dryRun, patience });
      for (const [position, { index }] of segment.entries())
        replies[index] = answered[position] ?? fault('ServiceUnavailable', 'No reply');
    }
    return replies;
  }

  /** Runs commands that need nothing of each other's catalog changes. */
  async function runSegment(segment: readonly Pending[], ledger: TenantLedger, how: Dispatch): Promise<Reply[]> {
    const [first] = segment;
    if (!first) return [];
    try {
      // Products may have been changed by another process; all else of the catalog never changes once it is there.
      if (!ledger.tenant || segment.some(({ envelope }) => envelope.commandType === 'OpenAccount'))
        await ledger.refreshCatalog();
    } catch (cause) {
      if (!(cause instanceof JournalUnavailableError)) throw cause;
      return segment.map(() =>
        fault('ServiceUnavailable', 'The journal could not be reached in time; a retry with the same key is safe'),
      );
    }
    const { tenant } = ledger;
    const replies: Reply[] = [];
    const routed: { position: number; routed: Routed }[] = [];
    for (const [position, { envelope }] of segment.entries()) {
      const result = route(envelope, tenant);
      if ('kind' in result) replies[position] = result;
      else routed.push({ position, routed: result });
    }
    const answered = await dispatch(
      routed.map((each) => each.routed),
      ledger,
      how,
    );
    for (const [index, { position }] of routed.entries())
      replies[position] = answered[index] ?? fault('ServiceUnavailable', 'No reply');
    return replies;
  }

  function route(envelope: CommandEnvelope, tenant: Tenant | undefined): Routed | Reply {
    if (!tenant && envelope.commandType !== 'CreateTenant')
      return fault('NotFound', `There is no tenant "${envelope.tenantId}"`);
    const normalised = normalise(envelope, { tenant, sha256, chains });
    if ('faults' in normalised) return invalid(normalised.faults);
    const { command } = normalised;
    const picked = chainOfIndex(tenant ? Number.parseInt(command.key.slice(0, 8), 16) % tenant.chains : 0);
    return { command, chains: chainsOfCommand(command, tenant, picked) };
  }

  return {
    async submit(input, submission) {
      const [reply] = await submitAll([input], submission);
      return reply ?? fault('ServiceUnavailable', 'No reply');
    },
    async submitBatch(input, submission) {
      const batch = commandBatch.safeParse(input);
      if (!batch.success) return invalid(faultsOf(batch.error));
      return submitAll(batch.data.commands, submission);
    },
  };
}

/** Checks form, then rights. @returns the envelope, or why it is refused */
function admit(input: unknown, submission: Submission): CommandEnvelope | Reply {
  const parsed = parseEnvelope(input);
  if ('faults' in parsed) return invalid(parsed.faults);
  const { envelope } = parsed;
  if (envelope.tenantId !== submission.tenantId) {
    return invalid([{ path: 'tenantId', message: `Expected "${submission.tenantId}", the tenant of the path` }]);
  }
  return refuseCommand(submission.principal, envelope) ?? envelope;
}

function invalid(faults: readonly { path: string; message: string }[]): Reply {
  const named = namedFaults(faults);
  const [first] = named;
  const where = first ? `: ${first.path === '' ? '' : `${first.path}: `}${first.message}` : '';
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return fault('ValidationError', `The request is not valid${where}${more}`, { faults: named });
}

/** Splits commands where one may need what another changes in the catalog, keeping their order. */
function segmentsOf(pending: readonly Pending[]): Pending[][] {
  const segments: Pending[][] = [];
  let last: string | undefined;
  for (const each of pending) {
    const { commandType } = each.envelope;
    const group = commandType === 'CreateTenant' || commandType === 'UpsertProduct' ? commandType : 'chains';
    if (group === last) segments.at(-1)?.push(each);
    else segments.push([each]);
    last = group;
  }
  return segments;
}

/** Sends runs of commands to the chains' writers side by side, and runs over several chains in order between them. */
async function dispatch(
  routed: readonly Routed[],
  ledger: TenantLedger,
  { dryRun, patience }: Dispatch,
): Promise<Reply[]> {
  if (dryRun) return ledger.dryRun(routed, patience);
  const replies: Reply[] = [];
  for (const run of runsOf(routed)) {
    replies.push(
      ...(run.some(isAcross) ? await ledger.submitAcross(run, patience) : await ledger.submit(run, patience)),
    );
  }
  return replies;
}

/**
 * Splits commands where side by side would not be in order: between commands on one chain and on several, and before a
 * new customer who claims what another in the run claims, on a chain of its own perhaps.
 */
function runsOf(routed: readonly Routed[]): Routed[][] {
  const runs: Routed[][] = [];
  let claimed = new Set<string>();
  for (const each of routed) {
    const claims = each.command.type === 'CreateCustomer' ? each.command.claims.map(claimKey) : [];
    const previous = runs.at(-1);
    const [last] = previous ?? [];
    if (!previous || !last || isAcross(last) !== isAcross(each) || claims.some((claim) => claimed.has(claim))) {
      runs.push([each]);
      claimed = new Set(claims);
    } else {
      previous.push(each);
      for (const claim of claims) claimed.add(claim);
    }
  }
  return joined(runs);
}

/**
 * Joins runs over several chains with the few commands on one chain that stand between them: where any two of 16 chains meet,
 * each 16th meets itself, and each change from one to the other would be an append that waits for the one before.
 */
function joined(runs: readonly Routed[][]): Routed[][] {
  const result: Routed[][] = [];
  for (const [index, run] of runs.entries()) {
    const previous = result.at(-1);
    const isBetween = run.length <= BETWEEN_MAX_COMMANDS && runs[index + 1]?.some(isAcross) === true;
    if (previous?.some(isAcross) === true && (run.some(isAcross) || isBetween)) previous.push(...run);
    else result.push(run);
  }
  return result;
}

function isAcross(routed: Routed): boolean {
  return routed.chains.length > 1;
}
