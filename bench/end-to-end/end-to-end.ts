import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAuditResult, breachesOf } from '../../src/cli/audit/audit-result.ts';
import { type RunCost, runCost } from '../../src/cli/cost/run-cost.ts';
import { API_PREFIX } from '../../src/contract/routes.ts';
import type { Cloud, Consumed } from '../../src/local/index.ts';
import { type Api, chainsOf, openBank, TENANT } from '../support/bank.ts';
import { isInMemory, startBenchCloud, tokenOf } from '../support/cloud.ts';
import { cpuBetween, type CpuByThread, cpuByThread, cpuTotal, peakMemoryBytes } from '../support/cpu.ts';
import { type Load, startLoad } from '../support/load/load.ts';
import type { LoadPhase } from '../support/load/message.ts';
import { startProfiles } from '../support/profile.ts';
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

const DRAIN_LIMIT_MS = 300_000;
const DRAIN_POLL_MS = 50;
/** Events of an accepted entry of two legs: the entry, and a balance for each leg. */
const EVENTS_AN_ENTRY = 3;

/** HTTP requests in, durable commits and views out: the whole of it, as `turing up` runs it. */
export async function runEndToEnd(options: EndToEndOptions): Promise<EndToEndResult> {
  const { dataDir, batch, inFlight, spread, warmUpSeconds, say } = options;
  const cloud = await startBenchCloud(dataDir);
  try {
    const api = { url: cloud.apiUrl, token: await tokenOf(cloud, TENANT) };
    const accounts = await openBank(api, options);
    await drained(api);
    say(`${accounts.length} accounts are open`);
    const before = { events: await eventsOf(api), entries: options.audited ? await entriesOf(cloud) : 0 };
    const load = await startLoad({
      url: api.url,
      prefix: API_PREFIX,
      token: api.token,
      tenantId: TENANT,
      accounts,
      batch,
      spread,
      connections: options.ratePerSecond === undefined ? inFlight : Math.max(256, inFlight),
      runId: randomBytes(4).toString('hex'),
    });
    const rounds: Round[] = [];
    let accepted = 0;
    try {
      const warmUp = await load.run(phaseOf(options, warmUpSeconds));
      accepted += warmUp.accepted;
      await drained(api);
      const profiles = options.profileDir === undefined ? undefined : await startProfiles(options.profileDir);
      for (let round = 1; round <= options.rounds; round++) {
        const measured = await measure({ cloud, api, load, options });
        accepted += measured.accepted;
        rounds.push(measured);
        say(
          `round ${round}: ${Math.round(measured.commandsPerSecond)} commands/s, views ${measured.drainSeconds.toFixed(1)} s later`,
        );
      }
      await profiles?.stop();
    } finally {
      await load.stop();
    }
    const lostEvents = before.events + accepted * EVENTS_AN_ENTRY - (await eventsOf(api));
    say(options.audited ? 'checking everything' : 'not audited');
    const checks = options.audited ? await check(cloud, before.entries + accepted) : NOT_CHECKED;
    return {
      inMemory: isInMemory(dataDir),
      rounds,
      peakMemoryBytes: peakMemoryBytes(),
      checks: { lostEvents, ...checks },
    };
  } finally {
    await cloud.stop();
  }
}

function phaseOf({ ratePerSecond, inFlight }: EndToEndOptions, seconds: number): LoadPhase {
  return ratePerSecond === undefined ? { kind: 'closed', inFlight, seconds } : { kind: 'open', ratePerSecond, seconds };
}

async function measure(run: { cloud: Cloud; api: Api; load: Load; options: EndToEndOptions }): Promise<Round> {
  const { cloud, api, load, options } = run;
  const without = [load.pid];
  const consumedBefore = cloud.consumed();
  const cpuBefore = cpuByThread({ without });
  const {
    latenciesMs,
    elapsedMs,
    cpuSeconds: generatorCpuSeconds,
    ...result
  } = await load.run(phaseOf(options, options.seconds));
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
    cost: runCost(
      { ...consumed, lambdaInvocations: consumed.invocations, lambdaGbSeconds: consumed.gbSeconds },
      result.accepted,
    ),
  };
}

/** Waits until the views hold all that the journal does. @returns how long it took, in ms */
export async function drained(api: Api): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const chains = await chainsOf(api);
    const tookMs = performance.now() - startedMs;
    if (chains.every(({ headSeq, projectedSeq }) => projectedSeq >= headSeq)) return tookMs;
    if (tookMs > DRAIN_LIMIT_MS) throw new Error(`The views did not follow within ${DRAIN_LIMIT_MS / 1_000} s`);
    await sleep(DRAIN_POLL_MS);
  }
}

async function eventsOf(api: Api): Promise<number> {
  return (await chainsOf(api)).reduce((sum, { headSeq }) => sum + headSeq, 0);
}

async function audited(cloud: Cloud) {
  return parseAuditResult(await cloud.invoke('AuditFunction', { tenantId: TENANT }));
}

async function entriesOf(cloud: Cloud): Promise<number> {
  return (await audited(cloud)).tenants[0]?.statistics.entries ?? 0;
}

const NOT_CHECKED = { lostEntries: null, breaches: null, views: null };

async function check(cloud: Cloud, entries: number): Promise<Omit<EndToEndResult['checks'], 'lostEvents'>> {
  const result = await audited(cloud);
  const [tenant] = result.tenants;
  return {
    lostEntries: entries - (tenant?.statistics.entries ?? 0),
    breaches: breachesOf(result),
    views: tenant?.views.state ?? 'none',
  };
}

function consumedBetween(before: Consumed, after: Consumed): Consumed {
  const between = (field: Exclude<keyof Consumed, 'byTable'>): number => after[field] - before[field];
  return {
    writeUnits: between('writeUnits'),
    readUnits: between('readUnits'),
    byTable: Object.fromEntries(
      Object.entries(after.byTable).map(([table, units]) => {
        const earlier = before.byTable[table] ?? { writeUnits: 0, readUnits: 0, requests: 0 };
        return [
          table,
          {
            writeUnits: units.writeUnits - earlier.writeUnits,
            readUnits: units.readUnits - earlier.readUnits,
            requests: units.requests - earlier.requests,
          },
        ];
      }),
    ),
    requests: between('requests'),
    kinesisRecords: between('kinesisRecords'),
    kinesisBytes: between('kinesisBytes'),
    apiRequests: between('apiRequests'),
    invocations: between('invocations'),
    gbSeconds: between('gbSeconds'),
    stateTransitions: between('stateTransitions'),
  };
}
