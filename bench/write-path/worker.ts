import { Session, type Profiler } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import { createWritePath, type WritePathCounts, type WritePathOptions } from './write-path.ts';

/** One thread of the write path: runs for so long when it is told to. */
export interface WorkerAnswer {
  counts: WritePathCounts;
  elapsedMs: number;
  /** CPU time of this thread; that of V8's helpers, who collect garbage beside it, is not in it. */
  cpuMicros: number;
  profile?: Profiler.Profile;
}
export interface WorkerRequest {
  seconds: number;
  profiled: boolean;
}

const port = parentPort;
if (!port) throw new Error('Cannot run this file by itself: it is a worker of bench/write-path');
// The benchmark is the only one that starts this file.
const path = await createWritePath(workerData as WritePathOptions);
port.on('message', (request: WorkerRequest) => void run(request).then((answer) => port.postMessage(answer)));
port.postMessage('ready');

async function run({ seconds, profiled }: WorkerRequest): Promise<WorkerAnswer> {
  const session = profiled ? new Session() : undefined;
  session?.connect();
  session?.post('Profiler.enable');
  session?.post('Profiler.start');
  const cpuBefore = process.threadCpuUsage();
  const startedMs = performance.now();
  const counts = await path.run({ seconds });
  const elapsedMs = performance.now() - startedMs;
  const { user, system } = process.threadCpuUsage(cpuBefore);
  const answer = { counts, elapsedMs, cpuMicros: user + system };
  if (!session) return answer;
  const profile = await new Promise<Profiler.Profile>((resolve, reject) => {
    session.post('Profiler.stop', (error, stopped) => (error ? reject(error) : resolve(stopped.profile)));
  });
  session.disconnect();
  return { ...answer, profile };
}
