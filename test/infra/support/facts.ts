import type { Resource, Template } from './synthesize.ts';

export interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown[];
  Condition?: Record<string, Record<string, unknown>>;
  Principal?: Record<string, unknown>;
}

/** The properties of one resource, after a look at its type. */
export function properties(template: Template, logicalId: string, type: string): Record<string, unknown> {
  const resource = template.Resources[logicalId];
  if (resource?.Type !== type) throw new Error(`Expected ${logicalId} to be an ${type}, not ${resource?.Type}`);
  return resource.Properties;
}

export function ofType(template: Template, type: string): [logicalId: string, resource: Resource][] {
  const found = Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  if (found.length === 0) throw new Error(`Expected a resource of type ${type}`);
  return found;
}

/** The only resource of a type. */
export function theOne(template: Template, type: string): { id: string; properties: Record<string, unknown> } {
  const [first, ...others] = ofType(template, type);
  if (first === undefined || others.length > 0) throw new Error(`Expected one ${type}, not ${others.length + 1}`);
  return { id: first[0], properties: first[1].Properties };
}

/** Logical ids of all functions. */
export function functionIds(template: Template): string[] {
  return ofType(template, 'AWS::Lambda::Function').map(([id]) => id);
}

export function environmentOf(template: Template, functionId: string): Record<string, unknown> {
  const { Environment } = properties(template, functionId, 'AWS::Lambda::Function');
  return (Environment as { Variables: Record<string, unknown> }).Variables;
}

/** Everything that a function's role allows. No function has a managed policy, which the first line makes sure of. */
export function statementsOf(template: Template, functionId: string): Statement[] {
  const roleId = referenced(properties(template, functionId, 'AWS::Lambda::Function')['Role']);
  const role = properties(template, roleId, 'AWS::IAM::Role');
  if ('ManagedPolicyArns' in role || 'Policies' in role) throw new Error(`Expected no further policies on ${roleId}`);
  return statementsOfRole(template, roleId);
}

export function statementsOfRole(template: Template, roleId: string): Statement[] {
  return ofType(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => (Properties['Roles'] as unknown[]).some((role) => referenced(role) === roleId))
    .flatMap(([, { Properties }]) => statements(Properties['PolicyDocument']));
}

/** Statements of a policy document, with actions and resources always as lists. */
export function statements(document: unknown): Statement[] {
  const { Statement } = document as { Statement: (Statement & { Action: unknown; Resource: unknown })[] };
  return Statement.map((statement) => ({
    ...statement,
    Action: asList(statement.Action) as string[],
    Resource: asList(statement.Resource),
  }));
}

/** What a role allows, one `action on resource` a line, sorted: what a person can compare. */
export function permissions(list: readonly Statement[]): string[] {
  return list
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((at) => `${action} on ${describe(at)}`)))
    .toSorted();
}

/** The logical id that `Ref`, `Fn::GetAtt`, or the first of them in an `Fn::Join` names. */
export function referenced(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    if ('Ref' in value) return String(value.Ref);
    if ('Fn::GetAtt' in value) return String((value['Fn::GetAtt'] as unknown[])[0]);
  }
  throw new Error(`Expected a reference, not ${JSON.stringify(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'Fn::Join' in value) {
    const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
    return parts.map(describe).join(separator);
  }
  return referenced(value);
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}
