import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../src/cli/project-paths.ts';

/** Where the costs of the deployment are written down, by hand where it is idle. */
export const COST_PAGE = join(PATHS.root, 'docs/operating/cost.md');

/** The documented sum of an idle month, in US dollars, which a test holds against the template. */
export function idleDollars(page: string = readFileSync(COST_PAGE, 'utf8')): number {
  const sum = /^\| \*\*sum\*\*.*\*\*([\d.]+)\*\*/m.exec(page)?.[1];
  if (sum === undefined) throw new Error(`Cannot find the sum of an idle month in ${COST_PAGE}`);
  return Number(sum);
}
