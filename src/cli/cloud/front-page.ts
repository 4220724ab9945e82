import type { Mount } from '../../local/index.ts';
import { html } from '../report/page/html.ts';

/**
 * Answers `/` on the API's port with links, for who opens the bare address in a browser. The page is this command's own:
 * the template has no such route, and the API in AWS answers 404 there.
 */
export function frontPage(links: readonly { href: string; text: string }[]): Mount {
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>TuringCore, local cloud</title>
      <h1>TuringCore, local cloud</h1>
      <ul>
        ${links.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}
      </ul>
      <p>This page is made by the command line; the API itself begins at /v1.</p>
    </html> `.markup;
  return async (path) =>
    path === '/' ? { status: 200, contentType: 'text/html; charset=utf-8', body: page } : undefined;
}

/** What every local cloud has to offer besides the API. */
export const DOCS_LINKS = [
  { href: '/docs', text: 'Reference of the API' },
  { href: '/openapi.json', text: 'Its description, OpenAPI 3.0' },
];
