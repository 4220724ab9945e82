import { rebuildChains } from '../../../lambdas/sweep/rebuild.ts';
import { type ChainRef, fullChainName } from '../../../src/core/chain/name.ts';
import type { CommandEnvelope } from '../../../src/contract/envelope.ts';
import { RIGHTS } from '../../../src/contract/rights.ts';
import { createGateway, type Gateway } from '../../../src/gateway/gateway.ts';
import type { Reply } from '../../../src/gateway/reply.ts';
import { createDynamoJournal } from '../../../src/journal/dynamodb-journal.ts';
import { openReplica } from '../../../src/journal/replica.ts';
import { sha256 } from '../../../src/journal/sha256.ts';
import { createDynamoSnapshots } from '../../../src/journal/snapshots/dynamodb-snapshots.ts';
import { type ChainHead, createSnapshotKeeper } from '../../../src/journal/snapshots/keep-snapshots.ts';
import type { SnapshotOptions } from '../../../src/journal/snapshots/load-snapshot.ts';
import { makeDigest } from '../../../src/proof/make-digest.ts';
import type { DigestStore } from '../../../src/proof/port.ts';
import { tenantsToSign } from '../../../src/proof/tenants-to-sign.ts';
import { ChainCache } from '../../../src/views/projection/chain-cache.ts';
import { createChainProjector } from '../../../src/views/projection/chain-projector.ts';
import { type Doorbell, projectBatch } from '../../../src/views/projection/project-batch.ts';
import { createTenantReader } from '../../../src/views/queries/read-tenant.ts';
import { withSharedPuts } from '../../../src/views/store/shared-puts.ts';
import { createDynamoRebuildStore } from '../../../src/views/rebuild/dynamodb-rebuild-store.ts';
import { findLaggingChains } from '../../../src/views/sweep/find-lagging-chains.ts';
import { JOURNAL, SNAPSHOTS, VIEWS } from './engine.ts';
import { createSimulatedDynamoDb } from './network.ts';
import { SimulatedProcess } from './process.ts';

export const ACTOR = 'SIMULATION';
export const GIVEN_UP = 'invocation given up while it goes on';
/** Events after which a chain gets a new snapshot: few, so that there are some. */
const SNAPSHOT_EVERY_EVENTS = 3;
const SNAPSHOTS_BUDGET_MS = 120_000;
const CHAIN_BUDGET_MS = 30_000;

/** What every process has, as the functions build it when they start. */
function parts(process: SimulatedProcess) {
  const { world } = process;
  const client = createSimulatedDynamoDb(process);
  const snapshots: SnapshotOptions = {
    store: createDynamoSnapshots({ client, tableName: SNAPSHOTS }),
    unusable: () => world.count('snapshot ignored'),
  };
  return {
    journal: createDynamoJournal({ client, tableName: JOURNAL, newToken: () => world.newToken() }),
    views: createDynamoRebuildStore({
      client,
      tableName: VIEWS,
      backOff: (attempt) => process.sleep(25 * 2 ** (attempt - 1)),
    }),
    snapshots,
  };
}

/** A process of the command function. */
export class GatewayNode {
  readonly process: SimulatedProcess;
  readonly #gateway: Gateway;

  constructor(process: SimulatedProcess, options: { budgetMs: number }) {
    this.process = process;
    const { journal, snapshots } = parts(process);
    const { world } = process;
    this.#gateway = createGateway({
      journalOf: () => journal,
      openReplica: (of, ref) => openReplica(of, ref, { snapshots }),
      sha256,
      now: process.wallTime,
      budgetMs: options.budgetMs,
      chains: world.chains,
      timers: { nowMs: () => world.scheduler.nowMs, pause: process.sleep },
    });
  }

  /** @returns one reply a command */
  async submit(tenantId: string, commands: readonly CommandEnvelope[], dryRun: boolean): Promise<readonly Reply[]> {
    const principal = { subject: ACTOR, tenants: new Set([tenantId]), rights: new Set<string>(RIGHTS) };
    const submission = { tenantId, principal, ...(dryRun && { dryRun }) };
    const [first] = commands;
    if (first && commands.length === 1) return [await this.#gateway.submit(first, submission)];
    const replies = await this.#gateway.submitBatch({ commands }, submission);
    return Array.isArray(replies) ? replies : commands.map(() => replies);
  }
}

/** A process of the projection function, warm or cold. */
export class ProjectionNode {
  readonly process: SimulatedProcess;
  /** Invocations under way: the platform gives a process one at a time, but for those that it has given up. */
  running = 0;
  readonly #projector;

  constructor(process: SimulatedProcess, options: { roundMaxEvents: number; cacheRows: number }) {
    this.process = process;
    const { world } = process;
    const { journal, views } = parts(process);
    this.#projector = createChainProjector({
      journal,
      store: withSharedPuts(views, (run) => process.later(0, '', run)),
      sha256,
      monitor: {
        projected: () => undefined,
        breach: (breach) => world.fail(`The projection reports a breach: ${JSON.stringify(breach)}`),
      },
      now: () => process.wallMs(),
      sleep: process.sleep,
      cache: new ChainCache(options.cacheRows),
      roundMaxEvents: options.roundMaxEvents,
    });
  }

  /** @returns ids of records from which is to be delivered again */
  async project(doorbells: readonly Doorbell[]): Promise<string[]> {
    this.running += 1;
    try {
      return (await projectBatch(doorbells, this.#projector)).map(({ recordId }) => recordId);
    } finally {
      this.running -= 1;
    }
  }
}

/** A process of the sweep: rings for chains whose views are behind, rebuilds those in doubt, takes snapshots, as the function does. */
export class SweepNode {
  readonly process: SimulatedProcess;
  readonly run: () => Promise<void>;

  constructor(process: SimulatedProcess) {
    this.process = process;
    const { world } = process;
    const { journal, views, snapshots } = parts(process);
    const readTenant = createTenantReader();
    const keepSnapshots = createSnapshotKeeper({
      journal,
      snapshots,
      failed: () => world.count('snapshot not taken'),
      now: () => process.wallMs(),
      budgetMs: SNAPSHOTS_BUDGET_MS,
      chainBudgetMs: CHAIN_BUDGET_MS,
      everyEvents: SNAPSHOT_EVERY_EVENTS,
    });
    this.run = async () => {
      const heads: ChainHead[] = [];
      const onHead = (head: ChainHead) => void heads.push(head);
      const doubtful: ChainRef[] = [];
      const onDoubt = (ref: ChainRef) => void doubtful.push(ref);
      const ring = (ref: ChainRef): void => world.stream.ring(fullChainName(ref));
      for (const ref of await findLaggingChains({ journal, views, readTenant, onHead, onDoubt })) {
        world.count('sweep rings');
        ring(ref);
      }
      const rebuilt = await rebuildChains(doubtful, {
        journal,
        store: views,
        sha256,
        now: () => process.wallMs(),
        sleep: process.sleep,
        readTenant,
        ring: async (ref) => ring(ref),
        failed: () => world.count('chain not rebuilt'),
        unique: () => world.newToken(),
        breach: (breach) => world.fail(`A rebuild reports a breach: ${JSON.stringify(breach)}`),
      });
      world.count('chain in doubt', doubtful.length);
      world.count('chain rebuilt', rebuilt.length);
      world.count('snapshot taken', (await keepSnapshots(heads)).length);
    };
  }
}

/** A process that makes digests. */
export class DigestNode {
  readonly process: SimulatedProcess;
  readonly run: () => Promise<void>;

  constructor(process: SimulatedProcess) {
    this.process = process;
    const { world } = process;
    const { journal } = parts(process);
    const reach = <Result>(what: string, effect: () => Promise<Result>): Promise<Result> =>
      world.reach(process, what, effect);
    const store: DigestStore = {
      tenants: () => reach('tenants of the digests', () => world.digests.tenants()),
      latest: (tenant) => reach(`latest digest of ${tenant}`, () => world.digests.latest(tenant)),
      get: (tenant, number) => reach(`digest ${number} of ${tenant}`, () => world.digests.get(tenant, number)),
      put: (digest) => reach(`put digest ${digest.number} of ${digest.tenant}`, () => world.digests.put(digest)),
    };
    this.run = async () => {
      for (const tenant of await tenantsToSign({ journal, store })) {
        const made = await makeDigest({ tenant, journal, store, signer: world.signer, now: process.wallTime });
        world.count(`digest ${made.outcome}`);
        if (made.outcome === 'refused') world.fail(`A digest was refused: ${JSON.stringify(made.faults)}`);
      }
    };
  }
}
