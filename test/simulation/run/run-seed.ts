import { checkAnswers } from '../check/answers.ts';
import { checkCommands } from '../check/commands.ts';
import { checkDigests } from '../check/digests.ts';
import { checkInvariants } from '../check/invariants.ts';
import { JournalReading } from '../check/journal.ts';
import { checkViews } from '../check/views.ts';
import type { Coverage } from '../core/coverage.ts';
import { Clients } from '../system/clients.ts';
import { Workload } from '../system/workload.ts';
import { World } from '../system/world.ts';

export interface SeedResult {
  seed: number;
  /** What was wrong; absent where all was as it should be. */
  failure?: string;
  /** SHA-256 of all that happened: equal for equal seeds. */
  trace: string;
  coverage: Coverage;
  /** What happened, line by line, if it was asked for. */
  lines: string[];
}

const TENANTS = ['CU_A', 'CU_B', 'CU_C'];
/** How long faults go on at the most, and how long everything may take then to come to an end, by the simulated clock. */
const FAULTS_MS = 40_000;
const CALM_MS = 200_000;
const MAX_STEPS = 200_000;

/** Runs one history and checks it. */
export async function runSeed(
  seed: number,
  options: { keepLines: boolean } = { keepLines: false },
): Promise<SeedResult> {
  const world = new World(seed, options);
  const { scheduler, random, coverage } = world;
  const clients = new Clients(world);
  const tenants = TENANTS.slice(0, random.pick([1, 1, 1, 1, 2, 2, 3]));
  for (const tenantId of tenants) {
    const workload = new Workload(tenantId, { random, chains: world.chains });
    const begin = (): void => {
      for (const [index, errands] of workload.clients.entries())
        clients.start(`client ${tenantId}-${index + 1}`, errands);
    };
    // Mostly the bank is made before its clients come; sometimes they come too early.
    const early = random.chance(0.15);
    clients.start(`bank ${tenantId}`, workload.opening, early ? undefined : begin);
    if (early) begin();
  }
  const result = (failure?: string): SeedResult => {
    world.count('step', scheduler.steps);
    return {
      seed,
      ...(failure !== undefined && { failure }),
      trace: scheduler.traceHash(),
      coverage,
      lines: scheduler.lines,
    };
  };
  const over = (): boolean => world.failure !== undefined || clients.busy === 0;
  const faultsUntilMs = random.int(2_000, FAULTS_MS);
  await scheduler.run({ reached: over, untilMs: faultsUntilMs, maxSteps: MAX_STEPS });
  world.calm();
  const untilMs = scheduler.nowMs + CALM_MS;
  const end = await scheduler.run({
    reached: () => over() && (world.failure !== undefined || (world.stream.empty && viewsAreUpToDate(world))),
    untilMs,
    maxSteps: MAX_STEPS,
  });
  if (world.failure !== undefined) return result(world.failure);
  if (end !== 'reached')
    return result(clients.busy > 0 ? `${clients.busy} clients never came to an end` : 'The views never caught up');
  try {
    await check(world, clients, tenants);
    return result();
  } catch (error) {
    return result(error instanceof Error ? (error.name === 'CheckError' ? error.message : error.stack) : String(error));
  }
}

async function check(world: World, clients: Clients, tenants: readonly string[]): Promise<void> {
  const reading = new JournalReading(world.engine.landings);
  world.count('command in the journal', reading.commands.length);
  const banks = checkCommands(reading, clients.sendings, world.chains);
  checkAnswers(reading, clients.sendings, (path) => world.count(path));
  await checkViews(world, banks);
  for (const tenantId of tenants) await checkDigests(world, reading, tenantId);
  await checkInvariants(world.engine);
}

function viewsAreUpToDate(world: World): boolean {
  // An invocation that goes on may still find that it has put old rows over new ones, and say so.
  if (world.projections.some(({ running }) => running > 0)) return false;
  return [...world.engine.heads].every(([pk, seq]) => world.cursorSeq(pk) === seq && !world.isInDoubt(pk));
}
