import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../cli-error.ts';

/** Runs whose reports and logs are kept. */
const RUNS_KEPT = 20;
/** As `runIdOf` names them; they sort by time. Whatever else lies there is somebody else's. */
const RUN_ID = /^\d{8}T\d{6}-[\w.-]+$/;

/** Removes the folders of all but the newest runs. */
export function pruneRuns(runsDir: string): void {
  const runs = namesIn(runsDir).filter((name) => RUN_ID.test(name));
  for (const run of runs.toSorted().slice(0, -RUNS_KEPT)) rmSync(join(runsDir, run), { recursive: true, force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
