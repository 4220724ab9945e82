import { CATALOG } from '../core/chain/name.ts';
import type { Product } from '../core/product/product.ts';
import type { Tenant } from '../core/tenant/tenant.ts';
import {
  ChainBrokenError,
  type ChainReplica,
  type Commit,
  type Journal,
  JournalUnavailableError,
} from '../journal/port.ts';
import type { Sha256 } from '../core/chain/hash.ts';
import type { Routed } from './group.ts';
import { Lock } from './lock.ts';
import type { Patience } from './patience.ts';
import { fault, type Reply } from './reply.ts';
import { appendInOrder, catchUpSound, decideOnly, type Timers, type WriterContext } from './writer.ts';

export interface TenantLedgerOptions {
  tenantId: string;
  journal: Journal;
  openReplica: (journal: Journal, ref: { tenantId: string; chain: string }) => ChainReplica;
  sha256: Sha256;
  now: () => string;
  budgetMs: number;
  timers: Timers;
  onCommit?: (commits: readonly Commit[]) => void;
}

/** Commands of one request for one chain, answered together. */
interface Job {
  routed: readonly Routed[];
  /** Ends the waiting: from here on it is decided. */
  begin: () => void;
  settle: (replies: Reply[]) => void;
  fail: (cause: unknown) => void;
}

/** Commands of one turn, in groups of the writer's: with an engine that needs 50 ms for a group, half a second. */
const TURN_COMMANDS = 2_500;

interface Writer {
  replica: ChainReplica;
  lock: Lock;
  waiting: Job[];
  running: boolean;
  /** The replica may lack commits: read the tail before deciding. */
  stale: boolean;
}

/**
 * One tenant's chains in this process: a writer for each chain, with its replica. Whatever arrives while an append is
 * under way is decided together and goes into the next commit.
 */
export class TenantLedger {
  readonly #options: TenantLedgerOptions;
  readonly #writers = new Map<string, Writer>();
  readonly #context: WriterContext;
  #waiting = 0;
  #refresh: Promise<void> | undefined;

  constructor(options: TenantLedgerOptions) {
    this.#options = options;
    const { tenantId, journal, sha256, now, budgetMs, timers, onCommit } = options;
    this.#context = {
      tenantId,
      journal,
      sha256,
      now,
      budgetMs,
      timers,
      catalog: () => this.#catalog(),
      ...(onCommit && { onCommit }),
    };
  }

  /** Commands that wait for a commit. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The tenant as this process knows it; ask `refreshCatalog` before believing that it does not exist. */
  get tenant(): Tenant | undefined {
    return this.#catalog().tenant;
  }

  /** Reads the catalog's tail. Callers that wait for the same read share it. @throws JournalUnavailableError */
  refreshCatalog(): Promise<void> {
    this.#refresh ??= this.#readCatalog();
    return this.#refresh;
  }

  /**
   * Puts commands, each on one chain, into the queues of their chains' writers. Those whose turn does not come within the patience
   * are not decided.
   * @returns their replies in order
   */
  async submit(routed: readonly Routed[], patience: Patience): Promise<Reply[]> {
    const replies: Reply[] = [];
    const ofChains = Map.groupBy(routed.entries(), ([, each]) => each.chains[0]);
    await Promise.all(
      Array.from(ofChains, async ([chain, entries]) => {
        const answered = await this.#enqueue(
          chain,
          entries.map(([, each]) => each),
          patience,
        );
        for (const [position, [index]] of entries.entries()) replies[index] = answered[position] ?? unanswered();
      }),
    );
    return replies;
  }

  /** Decides and appends commands over several chains, in order, as one transaction where they fit. */
  async submitAcross(routed: readonly Routed[], patience: Patience): Promise<Reply[]> {
    this.#waiting += routed.length;
    try {
      return await this.#inTurn(routed, patience, (writers) => this.#append(routed, writers));
    } finally {
      this.#waiting -= routed.length;
    }
  }

  /** Decides commands, each for itself, and writes nothing. */
  async dryRun(routed: readonly Routed[], patience: Patience): Promise<Reply[]> {
    return this.#inTurn(routed, patience, (writers) =>
      this.#onSound(routed, { writers, stale: writers }, async (able, { replicas }, reply) => {
        const replies = await decideOnly(able, replicas, this.#context);
        for (const [index, each] of replies.entries()) reply(index, each);
      }),
    );
  }

  async #readCatalog(): Promise<void> {
    const writer = this.#writer(CATALOG);
    const release = await writer.lock.acquire();
    // From here on a newcomer needs a read of its own: this one might miss what the newcomer has seen happen.
    this.#refresh = undefined;
    try {
      await writer.replica.catchUp();
      writer.stale = false;
    } finally {
      release();
    }
  }

  #catalog(): { tenant: Tenant | undefined; product: (code: string) => Product | undefined } {
    const { state } = this.#writer(CATALOG).replica;
    return { tenant: state.tenants.get(this.#options.tenantId), product: (code) => state.products.get(code) };
  }

  #writer(chain: string): Writer {
    let writer = this.#writers.get(chain);
    if (!writer) {
      const { tenantId, journal, openReplica } = this.#options;
      writer = {
        replica: openReplica(journal, { tenantId, chain }),
        lock: new Lock(),
        waiting: [],
        running: false,
        stale: true,
      };
      this.#writers.set(chain, writer);
    }
    return writer;
  }

  #enqueue(chain: string, routed: readonly Routed[], patience: Patience): Promise<Reply[]> {
    const writer = this.#writer(chain);
    const { promise, resolve, reject } = Promise.withResolvers<Reply[]>();
    const job: Job = { routed, begin: () => undefined, settle: resolve, fail: reject };
    this.#waiting += routed.length;
    writer.waiting.push(job);
    job.begin = patience.wait(() => {
      writer.waiting.splice(writer.waiting.indexOf(job), 1);
      this.#waiting -= routed.length;
      resolve(routed.map(waitedTooLong));
    });
    void this.#run(writer); // Settles or fails its jobs, and never rejects itself.
    return promise;
  }

  async #run(writer: Writer): Promise<void> {
    if (writer.running) return;
    writer.running = true;
    while (writer.waiting.length > 0) {
      const release = await writer.lock.acquire();
      const jobs = takeTurn(writer.waiting);
      for (const { begin } of jobs) begin();
      try {
        const replies = await this.#append(
          jobs.flatMap((job) => job.routed),
          [writer],
        );
        let answered = 0;
        for (const { routed, settle } of jobs) settle(replies.slice(answered, (answered += routed.length)));
      } catch (cause) {
        for (const job of jobs) job.fail(cause);
      } finally {
        for (const { routed } of jobs) this.#waiting -= routed.length;
        release();
      }
    }
    writer.running = false;
  }

  async #append(routed: readonly Routed[], writers: readonly Writer[]): Promise<Reply[]> {
    const stale = writers.filter((writer) => writer.stale);
    return this.#onSound(routed, { writers, stale }, async (able, { sound, replicas }, reply) => {
      for (const writer of sound) writer.stale = true;
      await appendInOrder(able, replicas, this.#context, reply);
      for (const writer of sound) writer.stale = false;
    });
  }

  /**
   * Brings stale replicas up to date and lets those commands be decided that need no chain which does not verify. What could not be
   * decided is answered with its fault, and so is all that comes after it: the order is kept. What the turn had no time for was
   * not decided.
   */
  async #onSound(
    routed: readonly Routed[],
    { writers, stale }: { writers: readonly Writer[]; stale: readonly Writer[] },
    decide: (
      able: readonly Routed[],
      on: { sound: readonly Writer[]; replicas: readonly ChainReplica[] },
      reply: (index: number, reply: Reply) => void,
    ) => Promise<void>,
  ): Promise<Reply[]> {
    const replies: Reply[] = [];
    let rest: Reply | undefined;
    try {
      const broken = await catchUpSound(stale.map(({ replica }) => replica));
      for (const [chain, cause] of broken) {
        this.#writers.delete(chain);
        const reply = replyOfFailure(cause);
        for (const [index, { chains }] of routed.entries()) if (chains.includes(chain)) replies[index] ??= reply;
      }
      const able = routed.flatMap((each, index) => (replies[index] ? [] : [{ each, index }]));
      const sound = writers.filter(({ replica }) => !broken.has(replica.ref.chain));
      await decide(
        able.map(({ each }) => each),
        { sound, replicas: sound.map(({ replica }) => replica) },
        (position, reply) => {
          const { index } = able[position] ?? {};
          if (index !== undefined) replies[index] = reply;
        },
      );
    } catch (cause) {
      if (cause instanceof ChainBrokenError) for (const { replica } of writers) this.#writers.delete(replica.ref.chain);
      rest = replyOfFailure(cause);
    }
    return routed.map((_, index) => replies[index] ?? rest ?? waitedTooLong());
  }

  /** Holds all chains of some commands while they are decided. What waited too long lets others have the chains. */
  async #inTurn(
    routed: readonly Routed[],
    patience: Patience,
    decide: (writers: Writer[]) => Promise<Reply[]>,
  ): Promise<Reply[]> {
    const late = Promise.withResolvers<Reply[]>();
    let isLate = false;
    const begin = patience.wait(() => {
      isLate = true;
      late.resolve(routed.map(waitedTooLong));
    });
    const holding = async (): Promise<Reply[]> => {
      const releases: (() => void)[] = [];
      try {
        const writers = chainsOf(routed).map((chain) => this.#writer(chain));
        // In the order of the chains' names, so that no two transactions wait for each other.
        for (const writer of writers) {
          releases.push(await writer.lock.acquire());
          if (isLate) return await late.promise;
        }
        begin();
        return await decide(writers);
      } finally {
        for (const release of releases) release();
      }
    };
    return Promise.race([late.promise, holding()]);
  }
}

function chainsOf(routed: readonly Routed[]): string[] {
  return [...new Set(routed.flatMap((each) => each.chains))].sort();
}

function replyOfFailure(cause: unknown): Reply {
  if (cause instanceof JournalUnavailableError || cause instanceof ChainBrokenError) {
    // The log gets the cause; the caller is told what to do.
    console.error(
      JSON.stringify({
        level: 'ERROR',
        code: cause.code,
        message: cause.message,
        cause: cause.cause instanceof Error ? cause.cause.message : undefined,
      }),
    );
    const text =
      cause instanceof ChainBrokenError
        ? 'A chain that the command needs does not verify, and nothing is written on it until its operator has looked at it; a retry with the same key is safe'
        : 'The journal could not be reached in time; a retry with the same key is safe';
    return fault('ServiceUnavailable', text);
  }
  throw cause;
}

/** Takes from the front of a queue what is decided in one turn: one job, or small ones together. */
function takeTurn(waiting: Job[]): Job[] {
  let commands = 0;
  const after = waiting.findIndex(({ routed }) => (commands += routed.length) >= TURN_COMMANDS);
  return waiting.splice(0, after < 0 ? waiting.length : after + 1);
}

function waitedTooLong(): Reply {
  return fault('TooManyRequests', 'The command waited too long for its turn; retry later with the same key');
}

function unanswered(): Reply {
  return fault('ServiceUnavailable', 'The command was not decided; a retry with the same key is safe');
}
