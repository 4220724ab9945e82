import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { bundleFunctions } from './constructs/function-bundles.ts';

export interface CreateAppOptions {
  /** Where the cloud assembly goes. Default: `CDK_OUTDIR`, which the CDK CLI sets, else `cdk.out`. */
  outdir?: string;
  /** Context on top of cdk.json's, for example `{ sandbox: true }`. What the CDK CLI gives (`-c`) wins over it. */
  context?: Record<string, unknown>;
  /**
   * Whether cdk-nag and CloudFormation's own rules judge the template. They never change it, but take as long as all the
   * rest: a start of the local cloud may leave them out. Default: true.
   */
  rules?: boolean;
}

export const STACK_NAME = 'TuringCore';

const ROOT = join(import.meta.dirname, '..');

/**
 * What the CDK CLI sets beside the context of cdk.json. Set here too, so that the template does not depend on who started
 * the synthesis. The paths and assets in the metadata tell the local cloud which resource is which construct.
 */
const CLI_CONTEXT = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
};

/** Builds the app with its one stack; `synth()` is left to the caller. */
export async function createApp(options: CreateAppOptions = {}): Promise<App> {
  const { outdir = process.env['CDK_OUTDIR'] ?? 'cdk.out' } = options;
  // Beside what it becomes: who throws an assembly away that was broken off, or makes it again, has this gone too.
  const bundleDir = join(outdir, '.functions');
  mkdirSync(bundleDir, { recursive: true });
  try {
    return await build({ ...options, outdir }, bundleDir);
  } finally {
    // CDK has copied the bundles into the assembly while it made the functions.
    rmSync(bundleDir, { recursive: true, force: true });
  }
}

async function build(
  { outdir, context, rules = true }: CreateAppOptions & { outdir: string },
  bundleDir: string,
): Promise<App> {
  // esbuild bundles in a process of its own while this one loads CDK: half a second saved.
  const bundling = bundleFunctions(bundleDir);
  const [{ App, Validations }, { TuringCoreStack }, nag] = await Promise.all([
    import('aws-cdk-lib'),
    import('./stacks/turing-core-stack.ts'),
    rules ? import('cdk-nag') : undefined,
  ]);
  const app = new App({
    outdir,
    // The caller synthesizes; without this `CDK_OUTDIR` makes CDK do it once more when the process ends.
    autoSynth: false,
    analyticsReporting: false,
    builtinCloudFormationValidation: rules,
    context: { ...contextOfCdkJson(), ...CLI_CONTEXT, ...context },
  });
  if (nag !== undefined) {
    Validations.of(app).addPlugins(new nag.AwsSolutionsChecks(app), new nag.ServerlessChecks(app));
  }
  new TuringCoreStack(app, STACK_NAME, { code: await bundling });
  return app;
}

function contextOfCdkJson(): Record<string, unknown> {
  // The file is ours, and CDK reads it as this too.
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  return settings.context;
}
