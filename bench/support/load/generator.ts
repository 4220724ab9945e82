import { setTimeout as sleep } from 'node:timers/promises';
import type { FromGenerator, LoadPhase, LoadResult, LoadTarget, ToGenerator } from './message.ts';
import { createRequests, type Requests } from './requests.ts';
import { createSender, type Sender } from './sender.ts';

/** The process that makes the load: apart from what it loads, so that neither waits for the other's event loop. */
const COMPLAINTS_MAX = 5;
const COMPLAINT_LENGTH = 500;

let generate: ((phase: LoadPhase) => Promise<LoadResult>) | undefined;
process.on('message', (message: ToGenerator) => {
  if (message.kind === 'target') {
    generate = createGenerator(message.target);
    tell({ kind: 'ready' });
  } else {
    void generate?.(message.phase).then((result) => tell({ kind: 'result', result }));
  }
});
process.on('disconnect', () => process.exit());

function tell(message: FromGenerator): void {
  process.send?.(message);
}

function createGenerator(target: LoadTarget): (phase: LoadPhase) => Promise<LoadResult> {
  const requests = createRequests(target);
  const sender = createSender(target);
  return async (phase) => {
    const tally = createTally(target.batch);
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    await (phase.kind === 'closed'
      ? runClosed({ phase, requests, sender, tally, startedMs })
      : runOpen({ phase, requests, sender, tally, startedMs }));
    const elapsedMs = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    return tally.result({ elapsedMs, cpuSeconds: (user + system) / 1e6 });
  };
}

interface Run<Phase> {
  phase: Phase;
  requests: Requests;
  sender: Sender;
  tally: Tally;
  startedMs: number;
}

async function runClosed(run: Run<Extract<LoadPhase, { kind: 'closed' }>>): Promise<void> {
  const { phase, requests, sender, tally, startedMs } = run;
  const untilMs = startedMs + phase.seconds * 1_000;
  async function keepOneInFlight(slot: number): Promise<void> {
    for (let sentMs = performance.now(); sentMs < untilMs; sentMs = performance.now()) {
      const sent = await sender.send(requests.path, requests.next(slot));
      tally.add(sent, { sentMs, startedMs });
    }
  }
  await Promise.all(Array.from({ length: phase.inFlight }, (_, slot) => keepOneInFlight(slot)));
}

async function runOpen(run: Run<Extract<LoadPhase, { kind: 'open' }>>): Promise<void> {
  const { phase, requests, sender, tally, startedMs } = run;
  const total = Math.round(phase.seconds * phase.ratePerSecond);
  const dueMs = (index: number): number => startedMs + (index * 1_000) / phase.ratePerSecond;
  const free: number[] = [];
  const open = new Set<Promise<void>>();
  let slots = 0;
  for (let index = 0; index < total;) {
    for (; index < total && dueMs(index) <= performance.now(); index++) {
      const slot = free.pop() ?? slots++;
      const sentMs = dueMs(index);
      const sending = sender.send(requests.path, requests.next(slot)).then((sent) => {
        tally.add(sent, { sentMs, startedMs });
        free.push(slot);
        open.delete(sending);
      });
      open.add(sending);
    }
    await sleep(Math.max(0, dueMs(index) - performance.now()));
  }
  await Promise.all(open);
}

type Tally = ReturnType<typeof createTally>;

function createTally(batch: number) {
  const latencies: number[] = [];
  const complaints: string[] = [];
  const acceptedBySecond: number[] = [];
  let accepted = 0;
  let refused = 0;
  let failed = 0;
  return {
    add(sent: Awaited<ReturnType<Sender['send']>>, at: { sentMs: number; startedMs: number }): void {
      const nowMs = performance.now();
      latencies.push(nowMs - at.sentMs);
      const second = Math.floor((nowMs - at.startedMs) / 1_000);
      acceptedBySecond[second] = (acceptedBySecond[second] ?? 0) + sent.accepted;
      accepted += sent.accepted;
      if (sent.accepted === batch) return;
      const decided = batch === 1 ? sent.status === 422 : sent.status === 200;
      if (decided) refused += batch - sent.accepted;
      else failed += batch;
      if (complaints.length < COMPLAINTS_MAX)
        complaints.push(`${sent.status}: ${sent.body.toString('utf8', 0, COMPLAINT_LENGTH)}`);
    },
    result({ elapsedMs, cpuSeconds }: { elapsedMs: number; cpuSeconds: number }): LoadResult {
      return {
        requests: latencies.length,
        accepted,
        refused,
        failed,
        complaints,
        elapsedMs,
        latenciesMs: Float64Array.from(latencies),
        acceptedBySecond: Array.from(acceptedBySecond, (count) => count ?? 0),
        cpuSeconds,
      };
    },
  };
}
