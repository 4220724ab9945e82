import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mount } from '../../local/index.ts';
import { htmlReport } from '../report/page/html-report.ts';
import type { Report } from '../report/report.ts';

/** Where reports are served, beside the API. */
export const REPORTS_PREFIX = '/reports';

const TYPES: Readonly<Record<string, string>> = {
  'report.html': 'text/html; charset=utf-8',
  'report.json': 'application/json; charset=utf-8',
};

/** Writes report.json and report.html into the run's folder. */
export function writeReport(runDir: string, report: Report): void {
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(runDir, 'report.json'), reportJson(report));
  writeFileSync(join(runDir, 'report.html'), htmlReport(report));
}

/** Writes the JSON where `--json` says. */
export function writeJson(path: string, report: Report): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, reportJson(report));
}

export function reportJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** Serves the two files of each run below the folder, and nothing else. */
export function serveReports(runsDir: string): Mount {
  return async (path) => {
    const [, runId = '', file = ''] = /^\/reports\/([\w.-]+)\/([\w.]+)$/.exec(path) ?? [];
    const contentType = TYPES[file];
    if (contentType === undefined || /^\.+$/.test(runId)) return undefined;
    try {
      return { status: 200, contentType, body: readFileSync(join(runsDir, runId, file)) };
    } catch {
      return { status: 404, contentType: 'text/plain; charset=utf-8', body: `There is no report of run ${runId}\n` };
    }
  };
}
