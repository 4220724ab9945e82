import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { API_PREFIX } from '../../../src/contract/routes.ts';
import type { HttpAnswer } from './http.ts';
import type { OpenApiDocument, Operation, Schema } from './json-schema.ts';

export const openapi = JSON.parse(
  readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument; // a generated file

/** What an answer shows of a fault in code: a stack, a file, a library. No answer of the API has any of it. */
const TRACES =
  /\bat \S+ \(|\bat (?:async )?(?:file|node):|node_modules|\.(?:ts|mjs|cjs):\d+|TypeError|RangeError|ZodError|DynamoDB|dynamodb|JOURNAL_TABLE/;

const compile = compiler();
const templates = Object.entries(openapi.paths).map(([template, operations]) => ({
  template,
  segments: template.split('/').slice(1),
  operations,
}));

/** @returns the operation that openapi.json has for a request, if any */
export function operationOf(request: { method: string; path: string }): Operation | undefined {
  const [path = ''] = request.path.split('?');
  if (!path.startsWith(`${API_PREFIX}/`)) return undefined;
  const segments = path.slice(API_PREFIX.length).split('/').slice(1);
  const found = templates.find(
    (candidate) =>
      candidate.segments.length === segments.length &&
      candidate.segments.every((segment, index) =>
        segment.startsWith('{') ? segments[index] !== '' : segment === segments[index],
      ),
  );
  return found?.operations[request.method.toLowerCase()];
}

/**
 * Compares an answer with openapi.json: its status, its body, field by field, its content type and its headers. What
 * openapi.json does not know is answered by 404, or 400 where the path cannot be read, with the body of every refusal.
 * @returns what is wrong, empty when nothing is
 */
export function faultsOfAnswer(request: { method: string; path: string }, answer: HttpAnswer): string[] {
  const faults: string[] = [];
  if (answer.status >= 500 && answer.status !== 503) faults.push(`status ${answer.status}`);
  if (TRACES.test(answer.text)) faults.push('the body shows the inside of the service');
  const operation = operationOf(request);
  const response = operation
    ? operation.responses[String(answer.status)]
    : [400, 404].includes(answer.status)
      ? openapi.paths[ANY_PATH]?.['get']?.responses[String(answer.status)]
      : undefined;
  if (!response) return [...faults, `status ${answer.status} is not documented`];
  for (const [header, { required }] of Object.entries(response.headers ?? {})) {
    if (required && answer.headers[header.toLowerCase()] === undefined) faults.push(`header ${header} is missing`);
  }
  if (request.method === 'HEAD') return faults;
  if (answer.headers['content-type'] !== 'application/json')
    faults.push(`content type "${answer.headers['content-type'] ?? ''}"`);
  return [...faults, ...faultsOfBody(response.content['application/json'].schema, answer.text)];
}

/** @returns whether openapi.json allows a command */
export function isDocumentedCommand(command: unknown): boolean {
  return compile(COMMAND)(command);
}

const COMMAND: Schema = { $ref: '#/components/schemas/CommandEnvelope' };
const ANY_PATH = '/tenants/{tenantId}/customers';

function faultsOfBody(schema: Schema, text: string): string[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return ['the body is no JSON'];
  }
  const validate = compile(schema);
  return validate(body)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `body${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
      );
}

function compiler(): (schema: Schema) => ValidateFunction {
  const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true, allowUnionTypes: true });
  // The published package's types give the function as a property of itself.
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  ajv.addFormat('e164', true); // Its pattern says it all.
  ajv.addSchema({ $defs: jsonSchemaOf(openapi.components.schemas, 'schemas') }, 'components');
  const compiled = new Map<Schema, ValidateFunction>();
  return (schema) => {
    let validate = compiled.get(schema);
    if (!validate) {
      validate = ajv.compile(jsonSchemaOf(schema) as object);
      compiled.set(schema, validate);
    }
    return validate;
  };
}

/** Turns schemas of OpenAPI 3.0 into JSON Schema: references, bounds, and what only describes. */
function jsonSchemaOf(value: unknown, within = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => jsonSchemaOf(each));
  if (typeof value !== 'object' || value === null) return value;
  const names = within === 'properties' || within === 'schemas';
  const schema: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    if (names) schema[key] = jsonSchemaOf(each);
    else if (key === '$ref') schema[key] = String(each).replace('#/components/schemas/', 'components#/$defs/');
    else if (key === 'exclusiveMinimum') continue;
    else if (key === 'minimum' && 'exclusiveMinimum' in value) schema['exclusiveMinimum'] = each;
    else if (!['example', 'examples', 'description', 'discriminator', 'default'].includes(key))
      schema[key] = jsonSchemaOf(each, key);
  }
  return schema;
}
