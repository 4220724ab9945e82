import { join, resolve } from 'node:path';
import type { Cloud } from '../../local/index.ts';
import { DEFAULT_CONFIG } from '../../twin/config.ts';
import { auditIn } from '../audit/audit-machine.ts';
import { breachesOf, type AuditResult } from '../audit/audit-result.ts';
import { CliError } from '../cli-error.ts';
import { announceCloud, otherCloudNote } from '../cloud/announce.ts';
import { cloudFailed } from '../cloud/cloud-failed.ts';
import { openToldLog } from '../cloud/told-log.ts';
import { dynamodbEndpoint } from '../cloud/dynamodb-endpoint.ts';
import { DOCS_LINKS, frontPage } from '../cloud/front-page.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { PATHS } from '../project-paths.ts';
import type { Report } from '../report/report.ts';
import { textReport } from '../report/text-report.ts';
import { stopped } from '../stop-signal.ts';
import { synthesize } from '../synth/synthesize.ts';
import { count } from '../text/numbers.ts';
import { pruneRuns } from './prune-runs.ts';
import { buildReport } from './build-report.ts';
import { createPhaseClock } from './phases.ts';
import { startProgress } from './progress.ts';
import { REPORTS_PREFIX, reportJson, serveReports, writeJson, writeReport } from './report-files.ts';
import { runScenario } from './scenario.ts';
import { runIdOf, type DemoSettings } from './settings.ts';

export interface DemoOptions {
  settings: DemoSettings;
  /** End after the report instead of staying up. */
  once: boolean;
  /** File for the report as JSON; `-` is stdout. */
  jsonFile?: string;
  /** Folder of the store; absent: a new, temporary one. */
  dataDir?: string;
}

/** Synthesizes, starts, seeds, simulates, verifies, reports; then stays up until stopped. */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const { settings, dataDir } = options;
  const { terminal, env, now, stop } = context;
  const startedMs = now();
  const runId = runIdOf(settings, startedMs);
  const clock = createPhaseClock(terminal, now);

  terminal.live('synth     running the CDK app');
  const { assemblyDir, cached } = await synthesize({
    root: PATHS.root,
    cacheDir: PATHS.assemblies,
    // The app's own tenant needs no naming: so turing up and turing demo share an assembly.
    ...(settings.tenantId !== DEFAULT_CONFIG.tenantId && { tenants: [settings.tenantId] }),
    now,
    stop,
  });
  clock.done('synth', cached ? 'template of the CDK app, from the cache' : 'template of the CDK app');

  terminal.live('start     starting the local cloud');
  pruneRuns(PATHS.runs);
  const logFile = openToldLog(join(PATHS.runs, runId, 'cloud.log'), terminal);
  try {
    const cloud = await openCloud({
      assemblyDir,
      stop,
      log: logFile.write,
      notice: logFile.notice,
      ...(dataDir !== undefined && { dataDir: resolve(dataDir) }),
    });
    try {
      // A temporary store begins empty.
      const kept = dataDir !== undefined || dynamodbEndpoint(env) !== undefined;
      const tenantsBefore = kept ? await (await import('../cloud/stored-tenants.ts')).storedTenants(cloud) : [];
      clock.done('start', `local cloud from that template, at ${cloud.apiUrl}`);
      if (tenantsBefore.length > 0) terminal.note(`The store already holds ${tenantsBefore.join(', ')}`);
      const living = liveAndVerify(cloud, { settings, runId, startedMs, clock, tenantsBefore }, context);
      const report = await Promise.race([living, cloudFailed(cloud)]);
      const breached = Object.values(report.invariants).some(({ breaches }) => breaches > 0);
      publish(report, options, context);
      if (!options.once)
        await stayUp(cloud, { runId, tenantId: settings.tenantId, jsonOnly: options.jsonFile === '-' }, context);
      return breached ? EXIT.breached : EXIT.ok;
    } finally {
      await cloud.stop();
    }
  } finally {
    await logFile.close();
  }
}

async function liveAndVerify(
  cloud: Cloud,
  run: {
    settings: DemoSettings;
    runId: string;
    startedMs: number;
    clock: ReturnType<typeof createPhaseClock>;
    tenantsBefore: string[];
  },
  context: CommandContext,
): Promise<Report> {
  const { settings, runId, startedMs, clock, tenantsBefore } = run;
  const { terminal, now, stop } = context;
  const sinceMs = now();
  let seeded = false;
  function endSeeding(atMs: number): void {
    if (!seeded) clock.done('seed', `tenant, products, ${count(settings.members)} members and their accounts`, atMs);
    seeded = true;
  }
  const stopProgress = startProgress({
    metrics: cloud.metrics,
    terminal,
    days: settings.days,
    start: settings.start,
    now,
    onSeeded: endSeeding,
  });
  let summary;
  try {
    summary = await runScenario(cloud, { runId, settings, stop });
  } finally {
    stopProgress();
  }
  endSeeding(now());
  const untilMs = now();
  clock.done('simulate', `${count(settings.days)} days from ${settings.start}`, untilMs);

  terminal.live('verify    waiting for the views');
  await cloud.settled();
  const consumed = cloud.consumed();
  terminal.live('verify    checking the five invariants over the whole journal and all views');
  const audit = await auditIn(cloud, {}, stop);
  failWithoutEvidence(audit);
  clock.done('verify', `five invariants, ${count(checksOf(audit))} checks, ${count(breachesOf(audit))} breaches`);
  return buildReport({
    runId,
    settings,
    tenantsBefore,
    startedMs,
    durationMs: now() - startedMs,
    phases: clock.durations(),
    sentMs: { sinceMs, untilMs },
    summary,
    audit,
    metrics: cloud.metrics,
    consumed,
  });
}

/** An audit that could not look is no proof of anything. */
function failWithoutEvidence(audit: AuditResult): void {
  if (audit.tenants.length === 0) throw new CliError('The audit found no tenant to check');
  const moving = audit.tenants.find(({ views }) => views.state === 'moving');
  if (moving !== undefined)
    throw new CliError(`The views of ${moving.tenantId} were still moving when the audit compared them`);
}

function checksOf(audit: AuditResult): number {
  return Object.values(audit.invariants).reduce((sum, { checked }) => sum + checked, 0);
}

function publish(report: Report, options: DemoOptions, { terminal }: CommandContext): void {
  const runDir = join(PATHS.runs, report.runId);
  writeReport(runDir, report);
  if (options.jsonFile === '-') {
    for (const line of textReport(report, terminal.noteStyle)) terminal.note(line);
    terminal.out(reportJson(report).trimEnd());
  } else {
    for (const line of textReport(report, terminal.outStyle)) terminal.out(line);
    terminal.out('');
    if (options.jsonFile !== undefined) {
      writeJson(resolve(options.jsonFile), report);
      terminal.out(`Report as JSON: ${resolve(options.jsonFile)}`);
    }
  }
  if (options.once) terminal.note(`Report as a page: ${join(runDir, 'report.html')}`);
}

/** Serves the API, its reference and the report. The URLs are the last lines. */
async function stayUp(
  cloud: Cloud,
  options: { runId: string; tenantId: string; jsonOnly: boolean },
  context: CommandContext,
): Promise<void> {
  const { terminal, stop } = context;
  const say = options.jsonOnly ? terminal.note : terminal.out;
  const reportPath = `${REPORTS_PREFIX}/${options.runId}/report.html`;
  cloud.mount(REPORTS_PREFIX, serveReports(PATHS.runs));
  cloud.mount('/', frontPage([{ href: reportPath, text: 'Report of this run' }, ...DOCS_LINKS]));
  const { otherUrl, withdraw } = announceCloud(PATHS.cloudFile, cloud);
  try {
    const tokenHint = `A token for the API: npx turing token --tenant ${options.tenantId}`;
    say(`Still up; Ctrl-C ends it. ${otherUrl === undefined ? tokenHint : otherCloudNote(otherUrl)}`);
    say(`API     ${cloud.apiUrl}/v1`);
    say(`Docs    ${cloud.apiUrl}/docs`);
    say(`Report  ${cloud.apiUrl}${reportPath}`);
    await Promise.race([stopped(stop), cloudFailed(cloud)]);
    terminal.note('Stopping…');
  } finally {
    withdraw();
  }
}
