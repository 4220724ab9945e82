import { resolve } from 'node:path';
import { CliError, messageOf } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { PATHS } from '../project-paths.ts';
import { synthesize } from '../synth/synthesize.ts';
import { noCloudRuns } from '../token/issue-token.ts';
import { findCloud, findCloudOf } from './cloud-file.ts';
import { executeIn } from './execution.ts';
import { openCloud } from './open-cloud.ts';
import { connectCloud, type RunningCloud } from './running-cloud.ts';

/** What is asked of a local cloud as its owner, whether it runs in this process or in another. */
export type Owner = Pick<RunningCloud, 'invoke' | 'execute'>;

/**
 * Does something with the functions and state machines of the running cloud, or of one that is started for it on a store at
 * rest.
 * @param options.dataDir folder of the store; without it the running cloud is meant, and so is a cloud that uses the folder
 */
export async function withOwner<Result>(
  options: { dataDir?: string | undefined },
  context: CommandContext,
  work: (owner: Owner) => Promise<Result>,
): Promise<Result> {
  const { dataDir } = options;
  const { now, stop } = context;
  const running = dataDir === undefined ? findCloud(PATHS.cloudFile) : findCloudOf(dataDir, PATHS.cloudFile);
  if (running !== undefined) return work(connectCloud(running, stop));
  if (dataDir === undefined) throw noCloudRuns();
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now, stop });
  const cloud = await openCloud({ assemblyDir, dataDir: resolve(dataDir), port: 0, stop, log: () => undefined });
  try {
    return await work({
      async invoke(functionId, payload) {
        try {
          return await cloud.invoke(functionId, payload);
        } catch (cause) {
          throw new CliError(messageOf(cause), { cause });
        }
      },
      execute: (machineId, input) => executeIn(cloud, { machineId, input, stop }),
    });
  } finally {
    await cloud.stop();
  }
}
