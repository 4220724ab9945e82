import * as z from 'zod';
import type { Cloud } from '../../local/index.ts';
import { CliError } from '../cli-error.ts';
import { reasonOf } from '../cloud/execution.ts';
import { unlessStopped } from '../stop-signal.ts';
import type { DemoSettings } from './settings.ts';

const summary = z.object({
  /** The signed digest that holds the run; the ledger's own function adds it at the end. */
  digest: z.object({ number: z.number(), key: z.string(), sha256: z.string() }),
  accounts: z.number(),
  spendingByCategory: z.record(z.string(), z.object({ count: z.number(), volume: z.number() })),
  calibration: z.array(
    z.object({
      measure: z.string(),
      ours: z.number().nullable(),
      set: z.number().nullable(),
      published: z.number().nullable(),
      unit: z.string(),
      source: z.string(),
      note: z.string(),
    }),
  ),
});

/** What the CLI reads of the twin's summary. */
export type ScenarioSummary = z.infer<typeof summary>;

/**
 * Runs the scenario's state machine to its end.
 * @throws CliError when it fails, with the state machine's own words, or when the user stops it
 */
export async function runScenario(
  cloud: Cloud,
  options: { runId: string; settings: DemoSettings; stop: AbortSignal },
): Promise<ScenarioSummary> {
  const { runId, settings, stop } = options;
  const { done } = await cloud.startExecution('SteadyState', { runId, ...settings });
  const result = await unlessStopped(done, stop);
  if (result.status === 'SUCCEEDED') return summary.parse(result.output);
  const { error = 'no error given', cause = 'no cause given' } = result;
  throw new CliError(`The scenario failed: ${error}: ${reasonOf(cause) ?? cause}`);
}
