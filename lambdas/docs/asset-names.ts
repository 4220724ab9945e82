/** The files of the reference page and the runbook, and their types. The function serves these and no others. */
export const ASSETS = [
  { name: 'openapi.json', contentType: 'application/json; charset=utf-8' },
  { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  { name: 'start.js', contentType: 'text/javascript; charset=utf-8' },
  { name: 'icon.svg', contentType: 'image/svg+xml' },
  { name: 'reference.js', contentType: 'text/javascript; charset=utf-8' },
  { name: 'runbook.html', contentType: 'text/html; charset=utf-8' },
] as const;
export const RUNBOOK: AssetName = 'runbook.html';
export type AssetName = (typeof ASSETS)[number]['name'];
