import { COMMAND_TYPES } from '../src/contract/envelope.ts';
import { FAULTS, VIOLATIONS } from '../src/contract/refusals.ts';
import { API_PREFIX, type Route, routes } from '../src/contract/routes.ts';

/** openapi.json as far as this page reads it. */
export interface Document {
  components?: { schemas?: Record<string, Schema> };
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema: Schema }[] }>>;
}

/** A JSON schema as far as this page reads one. */
export interface Schema {
  type?: string;
  $ref?: string;
  enum?: unknown[];
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  description?: string;
  default?: unknown;
}

/** @returns docs/reference/api.md: the reference to read where no browser is at hand */
export function apiMarkdown(document: Document): string {
  const payloadOf = (type: string) => document.components?.schemas?.[`${type}Payload`] ?? {};
  return [
    '<!-- Generated from src/contract by `npm run generate`. Do not edit. -->',
    '# API reference',
    '',
    `All paths below stand under \`${API_PREFIX}\` and want \`Authorization: Bearer <token>\`. The machine-readable form is [openapi.json](../../openapi.json), served at \`/openapi.json\`; a page to try things out is at \`/docs\`.`,
    '',
    'DEBIT raises and CREDIT lowers a balance, on every account: the member’s view. Bankers keep deposits as liabilities, with the opposite sign.',
    '',
    '## Routes',
    '',
    '| operation | | path | query | right | faults |',
    '|---|---|---|---|---|---|',
    ...(Object.values(routes) as Route[]).map(
      (route) =>
        `| ${route.id}: ${route.summary} | ${route.method} | \`${route.path}\` | ${queryOf(route, document)} | ${route.handler === 'query' ? `\`${route.right}\`` : 'of each command'} | ${route.faults.map((fault) => `\`${fault}\``).join(', ')} |`,
    ),
    '',
    '## Commands',
    '',
    'Every command is an envelope: `commandId`, `tenantId`, `commandType`, `actor`, `timestamp`, `payload` and, optional, `idempotencyKey`. Unknown fields are refused.',
    '',
    ...COMMAND_TYPES.flatMap((type) => [
      `### ${type}`,
      '',
      '| field | type | |',
      '|---|---|---|',
      ...rowsOf(payloadOf(type), '', document),
      '',
    ]),
    '## Refusals',
    '',
    'One closed list, in the order in which the rules are checked.',
    '',
    '| status | error | invariant | meaning |',
    '|---|---|---|---|',
    ...Object.entries(FAULTS).map(([code, fault]) => `| ${fault.status} | \`${code}\` | | ${fault.text} |`),
    ...Object.entries(VIOLATIONS).map(
      ([code, violation]) => `| 422 | \`${code}\` | \`${violation.invariant}\` | ${violation.text} |`,
    ),
    '',
  ].join('\n');
}

function queryOf(route: Route, document: Document): string {
  const { parameters = [] } = document.paths[route.path]?.[route.method.toLowerCase()] ?? {};
  return parameters
    .filter((parameter) => parameter.in === 'query')
    .map(
      ({ name, schema }) => `\`${name}\`${schema.default === undefined ? '' : ` (${JSON.stringify(schema.default)})`}`,
    )
    .join(', ');
}

function rowsOf(schema: Schema, prefix: string, document: Document): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const notes = [required.has(name) ? 'required' : '', field.description ?? '']
      .filter((note) => note !== '')
      .join('. ');
    const nested = resolve(field.type === 'array' ? (field.items ?? {}) : field, document);
    const suffix = field.type === 'array' ? '[].' : '.';
    return [`| \`${path}\` | ${typeOf(field, document)} | ${notes} |`, ...rowsOf(nested, `${path}${suffix}`, document)];
  });
}

function resolve(schema: Schema, document: Document): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components?.schemas?.[name] ?? {});
}

function typeOf(reference: Schema, document: Document): string {
  const schema = resolve(reference, document);
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (schema.type === 'array') return `${typeOf(schema.items ?? {}, document)}[]`;
  return `${schema.type ?? 'any'}${schema.nullable ? ' or null' : ''}`;
}
