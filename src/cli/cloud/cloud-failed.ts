import type { Cloud } from '../../local/index.ts';
import { CliError } from '../cli-error.ts';

/**
 * Waits for a local cloud to stop by itself, beside what is done with it.
 * @throws CliError that says why; it never resolves
 */
export async function cloudFailed(cloud: Pick<Cloud, 'failed'>): Promise<never> {
  const cause = await cloud.failed;
  throw new CliError(`The local cloud has stopped: ${cause.message}`, {
    fix: 'Start it again. What was acknowledged is kept, unless the store was a temporary one.',
    cause,
  });
}
