import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { PATHS } from '../project-paths.ts';

export const openapi = defineCommand({
  name: 'openapi',
  description: 'Prints the description of the API (OpenAPI 3.0.3, JSON)',
  args: {},
  examples: [{ line: 'turing openapi > openapi.json', what: 'for client generators, mock servers, linters' }],
  async run(_args, { terminal }) {
    terminal.out((await readFile(join(PATHS.root, 'openapi.json'), 'utf8')).trimEnd());
    return EXIT.ok;
  },
});
