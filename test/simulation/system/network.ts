import type { DynamoDb } from '../../../src/dynamodb/client.ts';
import { CallTimeoutError } from '../../../src/dynamodb/deadline.ts';
import { ServiceError } from '../../../src/dynamodb/errors.ts';
import type { Operations, Query } from '../../../src/dynamodb/wire.ts';
import { type Faults, noFaults } from '../core/faults.ts';
import { canceled, JOURNAL, type Mood } from './engine.ts';
import type { SimulatedProcess } from './process.ts';
import { describeCall } from './describe-call.ts';

type Fate = 'unreachable' | 'throttled' | 'conflict' | 'lostAnswer' | 'retried' | 'late' | 'none';

const NO_FAULTS = noFaults();
const DEFAULT_TIMEOUT_MS = 10_000;
const SLOW_MS = 2_500;
/** How much later than its caller's patience a write may arrive. */
const LATE_MS = 4_000;
/** What reads without consistency may miss. */
const STALE_MS = 3_000;

/** A process's client of the store, over a network on which all may happen that the seed draws. */
export function createSimulatedDynamoDb(process: SimulatedProcess): DynamoDb {
  const { world } = process;
  const { scheduler, random, engine } = world;

  const faultsNow = (): Faults => (process.spared ? NO_FAULTS : world.faults);

  function draw(operation: keyof Operations, table: string): Fate {
    const faults = faultsNow();
    const writes = operation === 'PutItem' || operation === 'TransactWriteItems' || operation === 'BatchWriteItem';
    if (random.chance(faults.unreachable)) return 'unreachable';
    if (random.chance(faults.throttled)) return 'throttled';
    if (random.chance(faults.lostAnswer)) return 'lostAnswer';
    if (writes && random.chance(faults.retried)) return 'retried';
    if (operation === 'PutItem' || operation === 'TransactWriteItems') {
      if (table === JOURNAL && random.chance(faults.conflict)) return 'conflict';
      if (random.chance(faults.late)) return 'late';
    }
    return 'none';
  }

  function drawMood(operation: keyof Operations): Mood {
    const faults = faultsNow();
    const batch = operation === 'BatchGetItem' || operation === 'BatchWriteItem';
    const part = random.chance(faults.unprocessed);
    const stale = random.chance(faults.staleRead);
    const most = operation === 'Query' ? random.int(1, 6) : batch && part ? random.int(0, 3) : Infinity;
    if (batch && part) world.count('batch done in part');
    return { most, blindSinceMs: stale ? scheduler.nowMs - random.int(0, STALE_MS) : Infinity };
  }

  /** Chains that this process has read. */
  const known = new Set<string>();
  function watchRead({ ExpressionAttributeValues: values = {} }: Query): void {
    const [pk = '', after] = [values[':pk']?.S, values[':after']?.N];
    if (after === undefined) return;
    if (process.name.startsWith('projection')) world.count('projection reads the journal');
    if (process.name.startsWith('gateway') && Number(after) > 0 && !known.has(pk)) world.count('snapshot used');
    known.add(pk);
  }

  const send = (name: keyof Operations, request: Operations[typeof name]['request'], timeoutMs: number) => {
    const call = { name, request } as Parameters<typeof engine.do>[0]; // the two belong together
    const { text, table } = describeCall(name, request);
    const what = `${process.name} ${text}`;
    if (name === 'Query' && table === JOURNAL) watchRead(request as Query);
    const fate = draw(name, table);
    if (fate !== 'none') world.count(`${fate}: ${table}`);
    const slow = random.chance(faultsNow().slow);
    const goMs = random.int(1, 12) + (slow ? random.int(0, SLOW_MS) : 0);
    const backMs = random.int(1, 12);
    const arrivesAfterDeath = random.chance(0.5);
    process.calls += 1;

    return new Promise<never>((resolve, reject) => {
      const end = (delayMs: number, label: string, settle: () => void): void =>
        process.later(delayMs, label, () => {
          process.calls -= 1;
          settle();
        });
      const fail = (delayMs: number, error: Error): void => end(delayMs, `${what}: ${error.name}`, () => reject(error));
      const arrive = (delayMs: number, told: (answer: () => object) => void): void => {
        let gone = false;
        const land = (): void => {
          if (gone || (!process.alive && !arrivesAfterDeath)) return;
          gone = true;
          let answer: () => object;
          try {
            const result = engine.do(call, drawMood(name));
            answer = () => result;
          } catch (error) {
            world.conditionFailed(call, error);
            answer = () => {
              throw error;
            };
          }
          if (fate === 'lostAnswer' && table === JOURNAL && name !== 'Query' && name !== 'GetItem')
            world.count('append landed, its answer lost');
          scheduler.note(`${what} arrives`);
          told(answer);
        };
        scheduler.after(delayMs, '', land);
        // Rows are put without a condition: what is on its way when its process dies arrives then or never.
        if (name === 'BatchWriteItem') process.onDeath(land);
      };
      const bring = (answer: () => object): void =>
        end(backMs, `${what} answered`, () => {
          try {
            resolve(answer() as never); // the engine answers as the operation says
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });

      const code = name === 'TransactWriteItems';
      switch (fate) {
        case 'unreachable':
          return fail(goMs, new ServiceError({ name: 'InternalServerError', message: 'Unreachable', status: 500 }));
        case 'throttled':
          return fail(goMs, code ? canceled(['ThrottlingError']) : throttled());
        case 'conflict':
          return fail(goMs, code ? canceled(['TransactionConflict']) : conflict());
        case 'lostAnswer':
          return arrive(goMs, () => fail(timeoutMs, new CallTimeoutError(timeoutMs)));
        case 'retried':
          return arrive(goMs, () => arrive(random.int(20, 200), bring));
        case 'late':
          fail(timeoutMs, new CallTimeoutError(timeoutMs));
          return arrive(timeoutMs + random.int(0, LATE_MS), () => undefined);
        default:
          return arrive(goMs, bring);
      }
    });
  };

  return {
    send: (operation, request, { timeoutMs = DEFAULT_TIMEOUT_MS } = {}) => send(operation, request, timeoutMs),
    close: () => undefined,
  };
}

function throttled(): ServiceError {
  return new ServiceError({ name: 'ThrottlingException', message: 'Too many requests', status: 400 });
}

function conflict(): ServiceError {
  return new ServiceError({ name: 'TransactionConflictException', message: 'A transaction is under way', status: 400 });
}
