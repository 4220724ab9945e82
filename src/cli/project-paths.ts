import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Everything that the command line writes, unless told otherwise; git ignores it. */
const STATE = join(ROOT, '.turing');

export const PATHS = {
  root: ROOT,
  state: STATE,
  /** Store of `turing up`. */
  data: join(STATE, 'data'),
  /** Reports, a folder a run. */
  runs: join(STATE, 'runs'),
  /** Synthesized templates, a folder for each state of the sources. */
  assemblies: join(STATE, 'cdk.out'),
  /** Where the running cloud says how to reach it. */
  cloudFile: join(STATE, 'cloud.json'),
} as const;
