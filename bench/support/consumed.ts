import { type RunCost, runCost } from '../../src/cli/cost/run-cost.ts';
import type { Consumed } from '../../src/local/index.ts';

/** What was used between two readings. */
export function consumedBetween(before: Consumed, after: Consumed): Consumed {
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

/** What it costs, and for a million of what was done. */
export function costOf(consumed: Consumed, entries: number): RunCost {
  return runCost(
    { ...consumed, lambdaInvocations: consumed.invocations, lambdaGbSeconds: consumed.gbSeconds },
    entries,
  );
}
