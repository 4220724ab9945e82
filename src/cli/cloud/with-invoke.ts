import { resolve } from 'node:path';
import { CliError, messageOf } from '../cli-error.ts';
import type { CommandContext } from '../command.ts';
import { PATHS } from '../project-paths.ts';
import { synthesize } from '../synth/synthesize.ts';
import { noCloudRuns } from '../token/issue-token.ts';
import { findCloud } from './cloud-file.ts';
import { openCloud } from './open-cloud.ts';
import { connectCloud } from './running-cloud.ts';

/** Calls a function of a local cloud by its id. */
export type Invoke = (functionId: string, payload: unknown) => Promise<unknown>;

/**
 * Does something with the functions of the running cloud, or of one that is started for it on a store at rest.
 * @param options.dataDir folder of the store; without it, or where the running cloud uses it, that cloud is meant
 */
export async function withInvoke<Result>(
  options: { dataDir?: string | undefined },
  context: CommandContext,
  work: (invoke: Invoke) => Promise<Result>,
): Promise<Result> {
  const { dataDir } = options;
  const running = findCloud(PATHS.cloudFile);
  if (dataDir === undefined || (running?.dataDir !== undefined && resolve(dataDir) === running.dataDir)) {
    if (running === undefined) throw noCloudRuns();
    return work(connectCloud(running).invoke);
  }
  const { now, stop } = context;
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now, stop });
  const cloud = await openCloud({ assemblyDir, dataDir: resolve(dataDir), port: 0, stop, log: () => undefined });
  try {
    return await work(async (functionId, payload) => {
      try {
        return await cloud.invoke(functionId, payload);
      } catch (cause) {
        throw new CliError(messageOf(cause), { cause });
      }
    });
  } finally {
    await cloud.stop();
  }
}
