/** The digital twin, for the function that runs it. */
export { runActivity, type ActivityInput } from './activities/index.ts';
export type { TwinMetrics, TwinPorts } from './activities/session.ts';
export { sdkLedger } from './ledger/sdk-ledger.ts';
