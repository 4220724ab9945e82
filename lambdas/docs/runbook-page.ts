import { posix } from 'node:path';

/** Where the page lies in the repository: its links are relative to that. */
const FOLDER = 'docs/operating';

/** Anchor of a heading, as GitHub makes them. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-');
}

/**
 * @returns a page that shows Markdown as it is written, with an anchor at each heading: what alarms lead to at night. Links within it
 * work; of other pages, which are not served, it names the file
 */
export function runbookPage(markdown: string): string {
  const lines = markdown.split('\n').map((line) => {
    const [, marks, heading] = /^(#{1,3}) (.+)$/.exec(line) ?? [];
    return marks === undefined || heading === undefined
      ? linked(escaped(line))
      : `<b id="${anchorOf(heading)}">${marks} ${escaped(heading)}</b>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runbook</title>
<style>
  :root { color-scheme: light dark; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 60rem; margin: 1rem auto; font: 15px/1.5 ui-monospace, monospace; }
  b:target { background: Mark; color: MarkText; }
</style>
<pre>${lines.join('\n')}</pre>
</html>
`;
}

function linked(line: string): string {
  return line.replace(/\[([^\]]+)\]\(([^)\s#]*)(#[^)\s]*)?\)/g, (_, text: string, target: string, anchor = '') => {
    if (target === '') return `<a href="${anchor}">${text}</a>`;
    return /^https?:/.test(target)
      ? `<a href="${target}${anchor}">${text}</a>`
      : `${text} (${posix.join(FOLDER, target)}${anchor})`;
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
