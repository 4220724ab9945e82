import { auditIn } from '../../src/cli/audit/audit-machine.ts';
import { breachesOf } from '../../src/cli/audit/audit-result.ts';
import type { RunCost } from '../../src/cli/cost/run-cost.ts';
import type { Cloud, Consumed } from '../../src/local/index.ts';
import { type Api, drained, eventsOf, TENANT } from '../support/bank.ts';
import { isInMemory } from '../support/cloud.ts';
import { consumedBetween, costOf } from '../support/consumed.ts';
import { cpuBetween, type CpuByThread, cpuByThread, cpuTotal, peakMemoryBytes } from '../support/cpu.ts';
import type { Load } from '../support/load/load.ts';
import type { LoadPhase } from '../support/load/message.ts';
import { startProfiles } from '../support/profile.ts';
import { OPEN_LOOP_CONNECTIONS, withSession } from '../support/session.ts';
import { type Percentiles, percentilesOf } from '../support/statistics.ts';

export interface EndToEndOptions {
  /** Folder of the store. */
  dataDir: string;
  accounts: number;
  /** Commands of a request. */
  batch: number;
  /** Connections, and requests in flight of a closed loop. */
  inFlight: number;
  /** Requests a second; absent: as many as `inFlight` give. */
  ratePerSecond?: number;
  spread: 'all-chains' | 'one-chain';
  /** Load before the measurement, so that everything is loaded and compiled. */
  warmUpSeconds: number;
  seconds: number;
  /** Measurements on the same store, one after the other. */
  rounds: number;
  /** Folder for CPU profiles of the measurements. */
  profileDir?: string;
  /** Whether everything is checked by the audit at the end. */
  audited: boolean;
  say(line: string): void;
}

export interface Round {
  commandsPerSecond: number;
  accepted: number;
  refused: number;
  failed: number;
  complaints: string[];
  /** Of a request, in ms. */
  latencyMs: Percentiles;
  acceptedBySecond: number[];
  /** From the last answer until the views hold everything. */
  drainSeconds: number;
  /** CPU seconds by process and thread, from the first request until the views hold everything; the generator is not among them. */
  cpuSeconds: CpuByThread;
  cpuMicrosPerCommand: number;
  generatorCpuSeconds: number;
  consumed: Consumed;
  cost: RunCost;
}

export interface EndToEndResult {
  inMemory: boolean;
  rounds: Round[];
  /** Greatest resident memory of the local cloud and its engine. */
  peakMemoryBytes: number;
  /** What the load generator was told "accepted" stands in the journal, nothing else does, and all of it verifies. */
  checks: { lostEvents: number; lostEntries: number | null; breaches: number | null; views: string | null };
}

/** Events of an accepted entry of two legs: the entry, and a balance for each leg. */
const EVENTS_AN_ENTRY = 3;

/** HTTP requests in, durable commits and views out: the whole of it, as `turing up` runs it. */
export async function runEndToEnd(options: EndToEndOptions): Promise<EndToEndResult> {
  const { dataDir, batch, inFlight, spread, warmUpSeconds, say } = options;
  return withSession({ dataDir, accounts: options.accounts }, async (session) => {
    const { cloud, api } = session;
    say(`${session.accounts.length} accounts are open`);
    const before = { events: await eventsOf(api), entries: options.audited ? await entriesOf(cloud) : 0 };
    const load = await session.load({
      batch,
      spread,
      connections: options.ratePerSecond === undefined ? inFlight : Math.max(OPEN_LOOP_CONNECTIONS, inFlight),
    });
    const rounds: Round[] = [];
    const warmUp = await load.run(phaseOf(options, warmUpSeconds));
    let { accepted } = warmUp;
    await drained(api);
    const profiles = options.profileDir === undefined ? undefined : await startProfiles(options.profileDir);
    for (let round = 1; round <= options.rounds; round++) {
      const measured = await measureRound({ cloud, api, load, phase: phaseOf(options, options.seconds) });
      accepted += measured.accepted;
      rounds.push(measured);
      say(
        `round ${round}: ${Math.round(measured.commandsPerSecond)} commands/s, views ${measured.drainSeconds.toFixed(1)} s later`,
      );
    }
    await profiles?.stop();
    const lostEvents = before.events + accepted * EVENTS_AN_ENTRY - (await eventsOf(api));
    say(options.audited ? 'checking everything' : 'not audited');
    const checks = options.audited ? await check(cloud, before.entries + accepted) : NOT_CHECKED;
    return {
      inMemory: isInMemory(dataDir),
      rounds,
      peakMemoryBytes: peakMemoryBytes({ without: [load.pid] }),
      checks: { lostEvents, ...checks },
    };
  });
}

function phaseOf({ ratePerSecond, inFlight }: EndToEndOptions, seconds: number): LoadPhase {
  return ratePerSecond === undefined ? { kind: 'closed', inFlight, seconds } : { kind: 'open', ratePerSecond, seconds };
}

/** One stretch of load, until the views hold everything. */
export async function measureRound(run: { cloud: Cloud; api: Api; load: Load; phase: LoadPhase }): Promise<Round> {
  const { cloud, api, load, phase } = run;
  const without = [load.pid];
  const consumedBefore = cloud.consumed();
  const cpuBefore = cpuByThread({ without });
  const { latenciesMs, elapsedMs, cpuSeconds: generatorCpuSeconds, ...result } = await load.run(phase);
  const drainSeconds = (await drained(api)) / 1_000;
  const cpuSeconds = cpuBetween(cpuBefore, cpuByThread({ without }));
  const consumed = consumedBetween(consumedBefore, cloud.consumed());
  return {
    commandsPerSecond: (result.accepted * 1_000) / elapsedMs,
    accepted: result.accepted,
    refused: result.refused,
    failed: result.failed,
    complaints: result.complaints,
    latencyMs: percentilesOf([...latenciesMs]),
    acceptedBySecond: result.acceptedBySecond,
    drainSeconds,
    cpuSeconds,
    cpuMicrosPerCommand: (cpuTotal(cpuSeconds) * 1e6) / result.accepted,
    generatorCpuSeconds,
    consumed,
    cost: costOf(consumed, result.accepted),
  };
}

async function entriesOf(cloud: Cloud): Promise<number> {
  return (await auditIn(cloud, { tenantId: TENANT })).tenants[0]?.statistics.entries ?? 0;
}

const NOT_CHECKED = { lostEntries: null, breaches: null, views: null };

async function check(cloud: Cloud, entries: number): Promise<Omit<EndToEndResult['checks'], 'lostEvents'>> {
  const result = await auditIn(cloud, { tenantId: TENANT });
  const [tenant] = result.tenants;
  return {
    lostEntries: entries - (tenant?.statistics.entries ?? 0),
    breaches: breachesOf(result),
    views: tenant?.views.state ?? 'none',
  };
}
