import * as z from 'zod';
import { counted } from '../../proof/counted.ts';
import { CliError, cancelled } from '../cli-error.ts';
import { type Owner, withOwner } from '../cloud/with-owner.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, duration } from '../text/numbers.ts';

/** What SweepFunction answers to a step of a rebuild, as far as it is shown; all of it is sent back to go on. */
const progress = z.looseObject({
  tenantId: z.string(),
  chains: z.array(z.string()),
  rebuilt: z.number(),
  events: z.number(),
  rows: z.number(),
  removed: z.number(),
  breaches: z.number(),
  notes: z.array(z.string()).default([]),
  refused: z.array(z.object({ chain: z.string(), reason: z.string() })),
});
const answer = z.object({ done: z.boolean(), rebuild: progress, finished: progress.optional() });
type Progress = z.infer<typeof progress>;

/** Time of a step: the progress is shown after each. */
const STEP_MS = 2_000;

/** Has SweepFunction rebuild the views, step by step, and says what was done for each tenant. */
export async function runRebuild(
  options: { tenantId?: string; discard?: string[]; dataDir?: string },
  context: CommandContext,
): Promise<ExitCode> {
  return withOwner(options, context, ({ invoke }) => rebuildAll(invoke, options, context));
}

/**
 * @returns the exit code: that of a breach where chains were refused, or the journal shows one
 * @throws CliError when it was asked to stop: what is under way is taken back by the projections
 */
export async function rebuildAll(
  invoke: Owner['invoke'],
  { tenantId, discard = [] }: { tenantId?: string; discard?: string[] },
  { terminal, now, stop }: Pick<CommandContext, 'terminal' | 'now' | 'stop'>,
): Promise<ExitCode> {
  let startedMs = now();
  let code: ExitCode = EXIT.ok;
  const tell = (state: Progress): void => {
    terminal.out(
      `${state.tenantId}  ${counted(state.rebuilt, 'chain', count)} rebuilt from ${counted(state.events, 'event', count)}: ${counted(state.rows, 'row', count)} written, ${count(state.removed)} deleted, in ${duration(now() - startedMs)}`,
    );
    for (const { reason } of state.refused) terminal.out(`${state.tenantId}  ${reason}`);
    if (state.breaches > 0)
      terminal.out(
        `${state.tenantId}  The journal shows ${state.breaches === 1 ? '1 breach of an invariant' : `${count(state.breaches)} breaches of invariants`}: turing audit names them`,
      );
    for (const note of state.notes) terminal.out(`${state.tenantId}  note  ${note}`);
    if (state.refused.length > 0 || state.breaches > 0) code = EXIT.breached;
    startedMs = now();
  };
  terminal.live('rebuilding…');
  let request: unknown = tenantId === undefined ? {} : { tenantId, ...(discard.length > 0 && { discard }) };
  for (;;) {
    if (stop.aborted) throw cancelled();
    const { done, rebuild, finished } = answer.parse(
      await invoke('SweepFunction', { rebuild: request, budgetMs: STEP_MS }).catch(explained),
    );
    if (finished) tell(finished);
    if (done) {
      tell(rebuild);
      return code;
    }
    const what = rebuild.chains[0] === undefined ? 'rows that are left over' : `chain ${rebuild.chains[0]}`;
    terminal.live(
      `${rebuild.tenantId}: ${what}; ${count(rebuild.rebuilt)} chains done, ${count(rebuild.rows)} rows written`,
    );
    request = rebuild;
  }
}

function explained(error: unknown): never {
  if (error instanceof Error && /it has no chain/.test(error.message))
    throw new CliError(error.message, { exitCode: EXIT.usage, cause: error });
  if (error instanceof Error && /there is no (?:such )?tenant/.test(error.message))
    throw new CliError(error.message, {
      fix: 'turing demo makes one; turing audit names those that there are.',
      cause: error,
    });
  throw error;
}
