import { DEFAULT_CHAINS } from '../../../src/contract/limits.ts';
import { ServiceError } from '../../../src/dynamodb/errors.ts';
import { createKeySigner, makePrivateKey } from '../../../src/proof/keys.ts';
import type { Fence } from '../../../src/views/projection/fence.ts';
import { createMemoryDigests } from '../../../src/proof/memory-store.ts';
import { type Coverage, count } from '../core/coverage.ts';
import { drawFaults, type Faults, noFaults } from '../core/faults.ts';
import { Random } from '../core/random.ts';
import { Scheduler } from '../core/scheduler.ts';
import { Disturbances } from './disturbances.ts';
import { Engine, JOURNAL, VIEWS } from './engine.ts';
import { DigestNode, GatewayNode, ProjectionNode, SweepNode } from './nodes.ts';
import { SimulatedProcess } from './process.ts';
import { Stream } from './stream.ts';

/** Signatures are no part of what is simulated: one key for all runs. */
const signer = createKeySigner(makePrivateKey());

const SWEEP_EVERY_MS = 5_000;
const DIGEST_EVERY_MS = 12_000;
const GATEWAY_BUDGETS_MS = [2_000, 8_000, 8_000] as const;

/** Everything that a run simulates: the store, the stream, and the processes on them. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly engine: Engine;
  readonly stream: Stream;
  readonly coverage: Coverage = {};
  readonly digests = createMemoryDigests();
  readonly signer = signer;
  readonly gateways: GatewayNode[] = [];
  readonly projections: ProjectionNode[] = [];
  /** How many each tenant has. */
  readonly chains: number;
  faults: Faults;
  /** Why the run has failed, once it has. */
  failure: string | undefined;
  readonly #disturbances: Disturbances;
  readonly #born = new Map<string, number>();
  #tokens = 0;

  constructor(seed: number, options: { keepLines: boolean }) {
    this.random = new Random(seed);
    this.scheduler = new Scheduler(options);
    this.faults = drawFaults(this.random);
    // Mostly few: whoever reads all of them finds little on those that nobody uses.
    this.chains = this.random.chance(0.1) ? DEFAULT_CHAINS : this.random.int(3, 6);
    this.engine = new Engine({ nowMs: () => this.scheduler.nowMs, landed: (items) => this.stream.changed(items) });
    this.stream = new Stream(this);
    this.#disturbances = new Disturbances(this);
    for (let index = this.random.int(1, 3); index > 0; index -= 1) this.#startGateway();
    this.#periodically('sweep', SWEEP_EVERY_MS, (process) => new SweepNode(process));
    this.#periodically('digest', DIGEST_EVERY_MS, (process) => new DigestNode(process));
    if (this.random.chance(0.3)) this.#periodically('digest', DIGEST_EVERY_MS, (process) => new DigestNode(process));
  }

  count(name: string, times = 1): void {
    if (times > 0) count(this.coverage, name, times);
  }

  fail(reason: string): void {
    this.failure ??= reason;
  }

  newToken(): string {
    return `transaction ${(this.#tokens += 1)}`;
  }

  /** From here on nothing fails any more; what was under way may still. */
  calm(): void {
    this.faults = noFaults();
    this.scheduler.note('no more faults');
  }

  newProcess(kind: string): SimulatedProcess {
    const number = (this.#born.get(kind) ?? 0) + 1;
    this.#born.set(kind, number);
    const process = new SimulatedProcess(`${kind} ${number}`, this);
    this.#disturbances.watch(process);
    return process;
  }

  /** @returns a process of the projection that has nothing to do, a new one if there is none */
  idleProjection(): ProjectionNode {
    const idle = this.projections.filter(({ running, process }) => running === 0 && process.alive);
    if (idle.length > 0 && this.random.chance(0.9)) return this.random.pick(idle);
    const process = this.newProcess('projection');
    const roundMaxEvents = this.random.chance(0.5) ? 40_000 : this.random.int(1, 6);
    const cacheRows = this.random.chance(0.7) ? 60_000 : this.random.int(0, 12);
    const node = new ProjectionNode(process, { roundMaxEvents, cacheRows });
    this.projections.push(node);
    process.onDeath(() => this.projections.splice(this.projections.indexOf(node), 1));
    return node;
  }

  /** A call to something else than the store. */
  reach<Result>(process: SimulatedProcess, what: string, effect: () => Promise<Result>): Promise<Result> {
    const { random, scheduler, faults } = this;
    const unreachable = random.chance(faults.unreachable);
    const lost = random.chance(faults.lostAnswer);
    return new Promise((resolve, reject) => {
      const fail = (): void => process.later(random.int(1, 2_000), '', () => reject(new Error(`${what}: no answer`)));
      if (unreachable) return fail();
      scheduler.after(random.int(1, 20), '', () => {
        scheduler.note(`${process.name} ${what}`);
        effect().then(
          (result) => (lost ? fail() : process.later(random.int(1, 20), '', () => resolve(result))),
          reject,
        );
      });
    });
  }

  /** How far the views of a chain are, for the coverage. */
  cursorSeq(pk: string): number {
    const [tenantId, , chain = ''] = pk.split('#');
    return Number(this.engine.table(VIEWS).get({ pk: `${tenantId}#cursor`, sk: chain })?.item['seq']?.N ?? 0);
  }

  /** Whether a chain's views are to be rebuilt, or being rebuilt. */
  isInDoubt(pk: string): boolean {
    const [tenantId, , chain = ''] = pk.split('#');
    const fence = this.engine.table(VIEWS).get({ pk: `${tenantId}#cursor`, sk: chain })?.item['fence']?.S ?? '{}';
    const { doubt, held } = JSON.parse(fence) as Fence; // as the projections write it
    return doubt === true || held !== undefined;
  }

  /** Told of each condition that failed. */
  conditionFailed(call: Parameters<Engine['do']>[0], error: unknown): void {
    if (!(error instanceof ServiceError)) return;
    if (call.name === 'TransactWriteItems') return this.count('transaction refused');
    if (call.name !== 'PutItem') return;
    const { TableName, Item } = call.request;
    if (TableName === VIEWS) return this.count('cursor moved by somebody else');
    if (TableName !== JOURNAL) return this.count('snapshot replaced by somebody else');
    const { pk, sk, head } = Item;
    const stands = this.engine.table(JOURNAL).get({ pk: pk?.S ?? '', sk: sk?.N ?? '' })?.item;
    this.count(stands?.['head']?.S === head?.S ? 'append refused because of itself' : 'race lost');
  }

  #startGateway(): void {
    const process = this.newProcess('gateway');
    const node = new GatewayNode(process, { budgetMs: this.random.pick(GATEWAY_BUDGETS_MS) });
    this.gateways.push(node);
    process.onDeath(() => {
      this.gateways.splice(this.gateways.indexOf(node), 1);
      this.#startGateway();
    });
  }

  /** Runs something over and over, each time when the last is over, in a new process when the old one has died. */
  #periodically(kind: string, everyMs: number, start: (process: SimulatedProcess) => SweepNode | DigestNode): void {
    let node = start(this.newProcess(kind));
    const again = (): void => {
      this.scheduler.after(this.random.int(everyMs / 8, everyMs), '', () => {
        if (!node.process.alive) node = start(this.newProcess(kind));
        const { process } = node;
        let over = false;
        const end = (): void => {
          if (!over) again();
          over = true;
        };
        node.run().then(end, (error: unknown) => {
          this.scheduler.note(`${process.name}: ${String(error)}`);
          this.#expected(error);
          end();
        });
        process.onDeath(end);
      });
    };
    again();
  }

  /** What a process may fail with: that it could not reach something. */
  #expected(error: unknown): void {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const reach =
      name === 'JournalUnavailableError' || name === 'ViewsUnavailableError' || message.endsWith(': no answer');
    const race = /others made theirs in between/.test(message);
    if (!reach && !race) this.fail(`A process failed with ${name}: ${message}`);
  }
}
