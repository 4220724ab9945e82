import { createHash } from 'node:crypto';
import type { Assembly, Resource } from './assembly.ts';
import { createAttributes } from './attributes.ts';
import { createResolver } from './intrinsics.ts';

/** What the local cloud decides for itself, as an account and Region do in AWS. */
export interface Surroundings {
  region: string;
  accountId: string;
  /** URL of the HTTP API, without a trailing slash. */
  apiUrl: string;
  /** URL of the emulated AWS services (token endpoint among them), without a trailing slash. */
  awsUrl: string;
  /** Secret of a generated user pool client or secret, the same at each start. */
  generatedSecret(logicalId: string): string;
}

export interface StackResource {
  logicalId: string;
  type: string;
  /** Name that the local cloud gives the resource, stable across restarts. */
  physicalName: string;
  /** The property with every intrinsic resolved; undefined when the template does not set it. */
  property(name: string): unknown;
  /** Like `property`, for properties without which the resource cannot exist. */
  required(name: string): unknown;
  /** A property that is text; undefined when the template does not set it. */
  text(name: string): string | undefined;
}

export interface Stack {
  name: string;
  region: string;
  accountId: string;
  assetPath(objectKey: string): string;
  /** All resources of the given types whose condition holds. */
  resources(...types: string[]): StackResource[];
  /** The one resource of a type with this logical id or CDK construct id. */
  find(type: string, id: string): StackResource;
  get(logicalId: string): StackResource;
  arn(logicalId: string): string;
  /** What `Ref` gives for a resource. */
  ref(logicalId: string): string;
  /** Replaces the addresses that AWS would give (API, token endpoint) by the local ones. */
  localise(text: string): string;
  outputs(onProblem: (message: string) => void): Record<string, string>;
}

/** A template made concrete: names, ARNs and addresses as the local cloud gives them. */
export function createStack(assembly: Assembly, surroundings: Surroundings): Stack {
  const { template, stackName } = assembly;
  const { region, accountId } = surroundings;
  const byId = new Map<string, StackResource>();

  const attributes = createAttributes({
    template,
    surroundings,
    physicalName,
    text: (id, name) => get(id).text(name),
  });
  const resolver = createResolver(template, {
    ref: attributes.ref,
    attribute: attributes.attribute,
    pseudo: {
      'AWS::Region': region,
      'AWS::AccountId': accountId,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    },
  });

  function physicalName(logicalId: string): string {
    const named = Object.entries(template.Resources[logicalId]?.Properties ?? {}).find(([name]) =>
      nameProperties.has(name),
    );
    if (named !== undefined && typeof named[1] === 'string') return named[1];
    const name = `${stackName}-${logicalId}`;
    if (name.length <= 64) return name; // the shortest limit among the services, that of Lambda and IAM
    return `${name.slice(0, 55)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  }

  function get(logicalId: string): StackResource {
    const known = byId.get(logicalId);
    if (known !== undefined) return known;
    const definition = template.Resources[logicalId];
    if (definition === undefined) throw new Error(`Cannot find resource "${logicalId}" in stack "${stackName}"`);
    const resource: StackResource = {
      logicalId,
      type: definition.Type,
      physicalName: physicalName(logicalId),
      property(name) {
        const value = definition.Properties?.[name];
        if (value === undefined) return undefined;
        // An array around the value makes the resolver drop it when it is AWS::NoValue.
        return (resolver.resolve([value], `${logicalId} (${definition.Type}), property ${name}`) as unknown[])[0];
      },
      required(name) {
        const value = resource.property(name);
        if (value === undefined)
          throw new Error(`Cannot create ${logicalId} (${definition.Type}): property ${name} is missing`);
        return value;
      },
      text(name) {
        const value = resource.property(name);
        if (value === undefined || typeof value === 'string') return value;
        throw new Error(`Cannot create ${logicalId} (${definition.Type}): property ${name} is no text`);
      },
    };
    byId.set(logicalId, resource);
    return resource;
  }

  function exists(definition: Resource, logicalId: string): boolean {
    return definition.Condition === undefined || resolver.condition(definition.Condition, logicalId);
  }

  const addresses = attributes.addresses();
  const stack: Stack = {
    name: stackName,
    region,
    accountId,
    assetPath: assembly.assetPath,
    resources: (...types) =>
      Object.entries(template.Resources)
        .filter(([logicalId, definition]) => types.includes(definition.Type) && exists(definition, logicalId))
        .map(([logicalId]) => get(logicalId)),
    find(type, id) {
      const candidates = stack.resources(type);
      const found = candidates.filter(
        ({ logicalId }) => logicalId === id || constructIds(logicalId, template.Resources[logicalId]).includes(id),
      );
      const [only] = found;
      if (only !== undefined && found.length === 1) return only;
      const names = candidates.map(({ logicalId }) => logicalId).join(', ');
      throw new Error(
        `Cannot choose a ${type} by "${id}": ${found.length} match among ${names === '' ? 'none' : names}`,
      );
    },
    get,
    arn: (logicalId) => String(attributes.attribute(logicalId, 'Arn') ?? attributes.ref(logicalId)),
    ref: (logicalId) => String(attributes.ref(logicalId)),
    localise: (text) => addresses.reduce((result, [remote, local]) => result.replaceAll(remote, local), text),
    outputs(onProblem) {
      const outputs: Record<string, string> = {};
      for (const [name, output] of Object.entries(template.Outputs ?? {})) {
        if (output.Condition !== undefined && !resolver.condition(output.Condition, `Outputs.${name}`)) continue;
        try {
          outputs[name] = stack.localise(String(resolver.resolve(output.Value, `Outputs.${name}`)));
        } catch (error) {
          // An output informs people and feeds nothing here: its fault is told, and stops nothing.
          onProblem((error as Error).message);
        }
      }
      return outputs;
    },
  };
  return stack;
}

const nameProperties = new Set([
  'TableName',
  'FunctionName',
  'RoleName',
  'StateMachineName',
  'QueueName',
  'TopicName',
  'BucketName',
  'LogGroupName',
]);

/** `TuringCore/Api/CommandFunction/Resource` is found as `CommandFunction`, and so is the logical id that the CDK makes of it. */
function constructIds(logicalId: string, definition: Resource | undefined): string[] {
  const ids = [logicalId.replace(/[0-9A-F]{8}$/, '')];
  const path = definition?.Metadata?.['aws:cdk:path'];
  if (typeof path === 'string') {
    const segments = path.split('/').filter((segment) => segment !== 'Resource' && segment !== 'Default');
    ids.push(segments.at(-1) ?? '');
  }
  return ids;
}
