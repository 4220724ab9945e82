import { RIGHTS } from '../../contract/rights.ts';
import { CliError, usageError } from '../cli-error.ts';
import { findCloud } from '../cloud/cloud-file.ts';
import { connectCloud } from '../cloud/running-cloud.ts';

/** Asks the running cloud for a token; without `rights` it carries all of them. */
export async function issueToken(options: {
  cloudFile: string;
  subject: string;
  tenants: string[];
  rights?: string[];
  ttlSeconds: number;
}): Promise<string> {
  const { cloudFile, rights = [...RIGHTS], ...claims } = options;
  const unknown = rights.find((right) => !RIGHTS.some((known) => known === right));
  if (unknown !== undefined) throw usageError(`Unknown right "${unknown}"`, `Rights: ${RIGHTS.join(', ')}.`);
  const address = findCloud(cloudFile);
  if (address === undefined) throw noCloudRuns();
  return connectCloud(address).issueToken({ ...claims, rights });
}

export function noCloudRuns(): CliError {
  return new CliError('No cloud is running', { fix: 'Start one in another terminal: turing up (or turing demo)' });
}
