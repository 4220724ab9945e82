import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A CloudFormation template, as far as the local cloud reads it. */
export interface Template {
  Parameters?: Record<string, { Type?: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Value: unknown; Condition?: string }>;
}

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
  Metadata?: Record<string, unknown>;
}

export interface Assembly {
  stackName: string;
  template: Template;
  /** Path of the directory or file that the template names by its object key in the assets bucket. */
  assetPath(objectKey: string): string;
}

/**
 * Reads what `cdk synth` wrote: the one template of the assembly and the list of its assets.
 * Throws when the directory holds no template, or more than one.
 */
export function loadAssembly(assemblyDir: string): Assembly {
  const directory = resolve(assemblyDir);
  if (!existsSync(directory)) {
    throw new Error(`Cannot read the assembly "${directory}": it does not exist. Run "npx cdk synth" first`);
  }
  const templates = readdirSync(directory).filter((name) => name.endsWith('.template.json'));
  const [fileName] = templates;
  if (fileName === undefined || templates.length > 1) {
    throw new Error(
      `Cannot choose a template in "${directory}": expected one *.template.json, found ${templates.length === 0 ? 'none' : templates.join(', ')}`,
    );
  }
  const stackName = fileName.slice(0, -'.template.json'.length);
  // The file is CloudFormation as written by the CDK: its shape is checked where each part is used.
  const template = JSON.parse(readFileSync(join(directory, fileName), 'utf8')) as Template;
  const pathsByKey = readAssets(join(directory, `${stackName}.assets.json`));
  return {
    stackName,
    template,
    assetPath(objectKey) {
      const path = join(directory, pathsByKey.get(objectKey) ?? `asset.${objectKey.replace(/\.zip$/, '')}`);
      if (!existsSync(path)) {
        throw new Error(`Cannot find the asset "${objectKey}" of stack "${stackName}": "${path}" does not exist`);
      }
      return path;
    },
  };
}

interface AssetManifest {
  files?: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
}

function readAssets(path: string): Map<string, string> {
  const pathsByKey = new Map<string, string>();
  if (!existsSync(path)) return pathsByKey;
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as AssetManifest;
  for (const file of Object.values(manifest.files ?? {})) {
    for (const destination of Object.values(file.destinations)) pathsByKey.set(destination.objectKey, file.source.path);
  }
  return pathsByKey;
}
