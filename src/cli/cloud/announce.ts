import type { Cloud } from '../../local/index.ts';
import { findCloud, removeCloudFile, writeCloudFile } from './cloud-file.ts';

/**
 * Makes this process's cloud the one that `turing token` and `turing audit` find. A cloud that was there first keeps its
 * place.
 * @returns the address of that other cloud, if there is one, and how to take the announcement back
 */
export function announceCloud(
  path: string,
  cloud: Pick<Cloud, 'apiUrl' | 'endpoints' | 'outputs' | 'localSecret' | 'dataDir'>,
): { otherUrl?: string; withdraw: () => void } {
  const other = findCloud(path);
  if (other !== undefined) return { otherUrl: other.apiUrl, withdraw: () => undefined };
  const { apiUrl, endpoints, outputs, localSecret, dataDir } = cloud;
  writeCloudFile(path, {
    apiUrl,
    awsUrl: endpoints.aws,
    localSecret,
    pid: process.pid,
    dynamodbUrl: endpoints.dynamodb,
    journalTable: outputs['JournalTableName'],
    viewsTable: outputs['ViewsTableName'],
    dataDir,
  });
  return { withdraw: () => removeCloudFile(path, process.pid) };
}

/** What to tell about another cloud that is found first. */
export function otherCloudNote(otherUrl: string): string {
  return `turing token and turing audit mean the cloud at ${otherUrl}, which was there first`;
}
