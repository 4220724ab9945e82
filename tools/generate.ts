/**
 * Writes the generated files (openapi.json, the SDK's types, the API reference) from the contract.
 * With `--check` it writes nothing and fails where a file is out of date.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { apiMarkdown, type Document } from './api-markdown.ts';
import { openapiDocument } from './openapi-document.ts';

const root = new URL('../', import.meta.url);
const document = openapiDocument();
// As a reader of the file sees it.
const published: Document = JSON.parse(JSON.stringify(document));
const files: Record<string, string> = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'src/sdk/schema.generated.ts':
    '// Generated from openapi.json by `npm run generate`. Do not edit.\n' +
    // The generator's own type for its input is a mutable OpenAPI 3 object; ours is plain JSON made by a zod library.
    astToString(await openapiTypescript(JSON.stringify(document), { alphabetize: false })),
  'docs/reference/api.md': apiMarkdown(published),
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, content] of Object.entries(files)) {
  const url = new URL(path, root);
  const current = await readFile(url, 'utf8').catch(() => '');
  if (current === content) continue;
  stale.push(path);
  if (check) continue;
  await mkdir(new URL('.', url), { recursive: true });
  await writeFile(url, content);
}
if (check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run "npm run generate" and commit the result.`);
  process.exitCode = 1;
} else {
  console.log(stale.length > 0 ? `Wrote ${stale.join(', ')}` : 'Generated files are up to date');
}
