import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openCloud } from '../cloud/open-cloud.ts';
import { DOCS_LINKS, frontPage } from '../cloud/front-page.ts';
import { announceCloud, otherCloudNote } from '../cloud/announce.ts';
import { cloudFailed } from '../cloud/cloud-failed.ts';
import { CLOUD_FILE } from '../cloud/cloud-file.ts';
import { openToldLog } from '../cloud/told-log.ts';
import type { CommandContext } from '../command.ts';
import type { PartPlace } from '../../local/part.ts';
import { PATHS } from '../project-paths.ts';
import { stopped } from '../stop-signal.ts';
import { synthesize } from '../synth/synthesize.ts';
import { duration } from '../text/numbers.ts';

/** Starts the cloud, says where it is, and stops it when asked to. */
export async function runUp(
  options: { place: PartPlace; port?: number; dataDir?: string },
  context: CommandContext,
): Promise<void> {
  const { terminal, now, stop } = context;
  const startedMs = now();
  const dataDir = resolve(options.dataDir ?? PATHS.data);
  terminal.live('synthesizing the template…');
  const { assemblyDir, cached } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now, stop });
  terminal.live('starting the cloud…');
  const logFile = openToldLog(join(dataDir, 'logs', 'cloud.log'), terminal);
  try {
    const cloud = await openCloud({
      assemblyDir,
      dataDir,
      place: options.place,
      stop,
      log: logFile.write,
      notice: logFile.notice,
      ...(options.port !== undefined && { port: options.port }),
      onOtherPort: (port) => terminal.note(`Port 4510 is taken: this cloud is on port ${port}`),
    });
    cloud.mount('/', frontPage(DOCS_LINKS));
    const { otherUrl, withdraw } = announceCloud(PATHS.cloudFile, cloud);
    // Beside its data too, for programs that know which store they mean. What is there is left over: the folder is ours.
    const besideData = join(dataDir, CLOUD_FILE);
    rmSync(besideData, { force: true });
    announceCloud(besideData, cloud);
    try {
      const template = cached ? 'template from the cache' : 'template synthesized';
      terminal.note(`Up in ${duration(now() - startedMs)} (${template}). Data and log stay in ${dataDir}`);
      terminal.note(
        otherUrl === undefined ? 'A token: npx turing token --tenant CU_DIGITAL' : otherCloudNote(otherUrl),
      );
      terminal.note('Ctrl-C stops it.');
      // For who verifies the bytes with a program of his own: see docs/concepts/journal-format.md.
      terminal.out(`Journal  ${cloud.endpoints.dynamodb} (DynamoDB), table ${cloud.outputs['JournalTableName']}`);
      terminal.out(`API      ${cloud.apiUrl}/v1`);
      terminal.out(`Docs     ${cloud.apiUrl}/docs`);
      await Promise.race([stopped(stop), cloudFailed(cloud)]);
      terminal.note('Stopping…');
    } finally {
      withdraw();
      rmSync(besideData, { force: true });
      await cloud.stop();
    }
  } finally {
    await logFile.close();
  }
}
