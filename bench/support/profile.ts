import { mkdirSync, writeFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { join } from 'node:path';

export interface ProfileCollector {
  /** Stops all profiles and writes one file for each thread, readable by Chrome's developer tools. */
  stop(): Promise<void>;
}

/** Profiles the CPU of the main thread and of all its workers, from now on, into `directory`. */
export async function startProfiles(directory: string): Promise<ProfileCollector> {
  mkdirSync(directory, { recursive: true });
  const session = new Session();
  session.connect();
  const threads: Thread[] = [mainThread(session)];
  session.on('NodeWorker.attachedToWorker', ({ params }) =>
    threads.push(workerThread(session, params.sessionId, params.workerInfo.title)),
  );
  await post(session, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  await Promise.all(threads.map((thread) => thread.ask('Profiler.enable').then(() => thread.ask('Profiler.start'))));
  return {
    async stop() {
      for (const [index, thread] of threads.entries()) {
        const { profile } = (await thread.ask('Profiler.stop')) as Profiler.StopReturnType;
        writeFileSync(join(directory, `${index}-${thread.name}.cpuprofile`), JSON.stringify(profile));
      }
      session.disconnect();
    },
  };
}

interface Thread {
  /** As it can stand in a file's name. */
  name: string;
  ask(method: string): Promise<unknown>;
}

function mainThread(session: Session): Thread {
  return { name: 'main', ask: (method) => post(session, method) };
}

/** Messages to a worker travel as JSON inside messages to the main thread. */
function workerThread(session: Session, sessionId: string, title: string): Thread {
  const waiting = new Map<number, (result: unknown) => void>();
  let nextId = 0;
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    if (params.sessionId !== sessionId) return;
    const { id, result } = JSON.parse(params.message) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  return {
    name: title.replaceAll(/[^\w-]+/g, '_'),
    ask(method) {
      const id = ++nextId;
      const { promise, resolve } = Promise.withResolvers<unknown>();
      waiting.set(id, resolve);
      const message = JSON.stringify({ id, method });
      void post(session, 'NodeWorker.sendMessageToWorker', { sessionId, message });
      return promise;
    },
  };
}

function post(session: Session, method: string, params: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error ? reject(error) : resolve(result)));
  });
}
