import type { TestProject } from 'vitest/node';
import { PATHS } from '../../../src/cli/project-paths.ts';
import { synthesize } from '../../../src/cli/synth/synthesize.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What `cdk synth` wrote for the sources as they are now. */
    assemblyDir: string;
  }
}

/** Global set-up of the api project: the template is synthesized once, and each test file starts its own cloud from it. */
export default async function setup(project: TestProject): Promise<void> {
  const { assemblyDir } = await synthesize({ root: PATHS.root, cacheDir: PATHS.assemblies, now: Date.now });
  project.provide('assemblyDir', assemblyDir);
}
