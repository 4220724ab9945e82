import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PATHS } from '../../src/cli/project-paths.ts';
import { resultsIn } from '../support/results.ts';
import { pagesOf } from './pages.ts';

test('the pages say what the results say that they name', () => {
  const page = readFileSync(join(PATHS.root, 'docs/performance.md'), 'utf8');
  const [, day, commit] = /^Measured on (\S+) at commit (\w+):/m.exec(page) ?? [];
  const pages = Object.entries(pagesOf(resultsIn(join(PATHS.root, 'bench/results', `${day}-${commit}.json`))));
  expect(pages.length).toBeGreaterThan(4);
  for (const [path, text] of pages) expect(readFileSync(path, 'utf8'), path).toBe(text);
});
