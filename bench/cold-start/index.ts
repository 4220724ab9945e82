import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { API_PREFIX } from '../../src/contract/routes.ts';
import { PATHS } from '../../src/cli/project-paths.ts';
import { synthesize } from '../../src/cli/synth/synthesize.ts';
import { type Api, TENANT } from '../support/bank.ts';
import type { Bench } from '../support/bench.ts';
import { createRequests } from '../support/load/requests.ts';
import { type Session, withSession } from '../support/session.ts';
import { medianOf } from '../support/statistics.ts';

const SAMPLES = 5;
const BUNDLE_MAX_KB = 1_024;
const START_MAX_MS = 300;

export const bench: Bench = {
  name: 'cold-start',
  title: 'Size of each function, and its first invocation in a new environment',
  run: ({ workDir, say }) =>
    withSession({ dataDir: workDir, accounts: 10 }, async (session) => {
      const sizes = await bundleKilobytes();
      const invocations = firstInvocations(session);
      const unknown = Object.keys(sizes).filter((name) => invocations[name] === undefined);
      if (unknown.length > 0) throw new Error(`It is not known how to invoke ${unknown.join(', ')} for the first time`);
      const starts: Record<string, number[]> = {};
      for (const [name, invoke] of Object.entries(invocations)) {
        await invoke(); // what it makes once is made
        const samples: number[] = [];
        for (let sample = 0; sample < SAMPLES; sample++) {
          await session.cloud.killFunction(name);
          const startedMs = performance.now();
          await invoke();
          samples.push(performance.now() - startedMs);
        }
        starts[name] = samples;
        say(`${name}: ${sizes[name] ?? 0} KB, ${Math.round(medianOf(samples))} ms`);
      }
      const functions = Object.keys(invocations);
      return {
        figures: [
          {
            name: 'largest bundle of a function',
            unit: 'KB',
            samples: [Math.max(...functions.map((name) => sizes[name] ?? 0))],
            method: 'The one module that Lambda loads, minified, without its source map',
            target: { atMost: BUNDLE_MAX_KB },
          },
          ...functions.map((name) => ({
            name: `cold start, ${name}`,
            unit: 'ms',
            samples: starts[name] ?? [],
            method: `From the request to the answer where the function's environment was just killed: a new thread, its import and its first invocation, beside a running local cloud; ${SAMPLES} times`,
            target: { atMost: START_MAX_MS },
          })),
        ],
        details: { bundleKilobytes: sizes },
      };
    }),
};

/** A way to have each function do something small for the first time. */
function firstInvocations({ cloud, api, accounts }: Session): Record<string, () => Promise<unknown>> {
  const requests = createRequests({ tenantId: TENANT, accounts, batch: 1, spread: 'all-chains', runId: '0000c01d' });
  const doorbell = Buffer.from(JSON.stringify({ pk: `${TENANT}#chain#catalog` })).toString('base64');
  return {
    CommandFunction: () => ask(api, `${API_PREFIX}${requests.path}`, requests.next(0).toString()),
    QueryFunction: () => ask(api, `${API_PREFIX}/tenants/${TENANT}/accounts/${accounts[0] ?? ''}/balance`),
    DocsFunction: () => ask(api, '/docs'),
    ProjectionFunction: () =>
      cloud.invoke('ProjectionFunction', { Records: [{ kinesis: { sequenceNumber: '1', data: doorbell } }] }),
    SweepFunction: () => cloud.invoke('SweepFunction', {}),
    DigestFunction: () => cloud.invoke('DigestFunction', { tenantId: TENANT }),
    AuditFunction: () => cloud.invoke('AuditFunction', { task: 'plan', input: { tenantId: TENANT } }),
    TwinFunction: () =>
      cloud.invoke('TwinFunction', {
        activity: 'bootstrap',
        config: { runId: 'bench', members: 1, days: 1, start: '2025-01-02', seed: '1', workers: 1 },
      }),
  };
}

async function ask({ url, token }: Api, path: string, body?: string): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    ...(body !== undefined && { method: 'POST', body }),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${text.slice(0, 500)}`);
}

interface Resource {
  Type: string;
  Properties: { Handler?: string };
  Metadata?: { 'aws:cdk:path'?: string; 'aws:asset:path'?: string };
}

/** Sizes of the functions' modules in the synthesized template's assets, by construct id. */
async function bundleKilobytes(): Promise<Record<string, number>> {
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
  const template = JSON.parse(readFileSync(join(assemblyDir, 'TuringCore.template.json'), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  const sizes: Record<string, number> = {};
  for (const { Type, Properties, Metadata } of Object.values(template.Resources)) {
    const [asset, path] = [Metadata?.['aws:asset:path'], Metadata?.['aws:cdk:path']];
    if (Type !== 'AWS::Lambda::Function' || asset === undefined || path === undefined) continue;
    const module = `${(Properties.Handler ?? '').split('.')[0] ?? ''}.mjs`;
    // `TuringCore/Service/CommandFunction/Resource`
    sizes[path.split('/').at(-2) ?? ''] = Math.ceil(statSync(join(assemblyDir, asset, module)).size / 1_024);
  }
  return sizes;
}
