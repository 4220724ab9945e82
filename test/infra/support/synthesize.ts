import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, type CreateAppOptions, STACK_NAME } from '../../../lib/create-app.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Metadata: Record<string, unknown>;
}
export interface Template {
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown }>;
}

/** A folder that goes at the end of the run, as all that tests put there. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'turingcore-infra-'));
}

export type SynthesizeOptions = Omit<CreateAppOptions, 'outdir'>;
export interface Synthesized {
  assemblyDir: string;
  template: Template;
  templateText: string;
}

const synthesized = new Map<string, Promise<Synthesized>>();

/** What `synthesize` gives, made once for all tests of a process that ask for the same. Only to be read. */
export function synthesizeOnce(options: SynthesizeOptions = {}): Promise<Synthesized> {
  const key = JSON.stringify(options);
  const known = synthesized.get(key) ?? synthesize(options);
  synthesized.set(key, known);
  return known;
}

/** Synthesizes the app into a folder of its own and reads the template back. */
export async function synthesize(options: SynthesizeOptions = {}): Promise<Synthesized> {
  const assemblyDir = temporaryFolder();
  // The rules never change the template and have their own tests; without them synthesis takes half as long.
  const app = await createApp({ rules: false, ...options, outdir: assemblyDir });
  app.synth();
  const templateText = readFileSync(join(assemblyDir, `${STACK_NAME}.template.json`), 'utf8');
  // CDK wrote it; its shape is what these tests look at.
  const template = JSON.parse(templateText) as Template;
  return { assemblyDir, template, templateText };
}
