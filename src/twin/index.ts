/** The digital twin, for those who run it: the Lambda function and the command line. */
export { runActivity, type ActivityInput } from './activities/index.ts';
export type { TwinMetrics, TwinPorts } from './activities/session.ts';
export { CONFIG_LIMITS, DEFAULT_CONFIG, twinConfig, type TwinConfig, type TwinInput } from './config.ts';
export { sdkLedger } from './ledger/sdk-ledger.ts';
export type { CalibrationRow } from './report/calibration.ts';
export { fraudRecords, type TwinSummary } from './report/summary.ts';
export { liveThrough, World } from './world/world.ts';
