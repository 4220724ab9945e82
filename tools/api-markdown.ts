import { z } from 'zod';
import { commandEnvelope } from '../src/contract/envelope.ts';
import { FAULTS, VIOLATIONS } from '../src/contract/refusals.ts';
import { API_PREFIX, type Route, routes } from '../src/contract/routes.ts';

/** A JSON schema as far as this page reads one. */
interface Schema {
  type?: string;
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  description?: string;
  default?: unknown;
}

/** @returns docs/reference/api.md: the reference to read where no browser is at hand */
export function apiMarkdown(): string {
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
    '| operation | | path | query | faults |',
    '|---|---|---|---|---|',
    ...(Object.values(routes) as Route[]).map(
      (route) =>
        `| ${route.id}: ${route.summary} | ${route.method} | \`${route.path}\` | ${queryOf(route)} | ${route.faults.map((fault) => `\`${fault}\``).join(', ')} |`,
    ),
    '',
    '## Commands',
    '',
    'Every command is an envelope: `commandId`, `tenantId`, `commandType`, `actor`, `timestamp`, `payload` and, optional, `idempotencyKey`. Unknown fields are refused.',
    '',
    ...commandEnvelope.options.flatMap((option) => [
      `### ${option.shape.commandType.value}`,
      '',
      ...fieldTable(schemaOf(option.shape.payload)),
      '',
    ]),
    '## Refusals',
    '',
    'One closed list, in the order in which the rules are checked.',
    '',
    '| status | error | invariant | meaning |',
    '|---|---|---|---|',
    ...Object.entries(FAULTS).map(([code, fault]) => `| ${fault.status} | \`${code}\` | | ${fault.text} |`),
    ...Object.entries(VIOLATIONS).map(([code, violation]) => `| 422 | \`${code}\` | \`${violation.invariant}\` | ${violation.text} |`),
    '',
  ].join('\n');
}

function queryOf(route: Route): string {
  if (!route.query) return '';
  const { properties = {} } = schemaOf(route.query);
  return Object.entries(properties)
    .map(([name, schema]) => `\`${name}\`${schema.default === undefined ? '' : ` (${String(schema.default)})`}`)
    .join(', ');
}

function schemaOf(schema: z.ZodType): Schema {
  // What zod writes is a JSON schema; the fields read here are declared above.
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema;
}

function fieldTable(schema: Schema): string[] {
  return ['| field | type | |', '|---|---|---|', ...rowsOf(schema, '')];
}

function rowsOf(schema: Schema, prefix: string): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const notes = [required.has(name) ? 'required' : '', field.description ?? ''].filter((note) => note !== '').join('. ');
    const nested = field.type === 'array' ? (field.items ?? {}) : field;
    const suffix = field.type === 'array' ? '[].' : '.';
    return [`| \`${path}\` | ${typeOf(field)} | ${notes} |`, ...rowsOf(nested, `${path}${suffix}`)];
  });
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map(typeOf).join(' or ');
  if (schema.type === 'array') return `${typeOf(schema.items ?? {})}[]`;
  return schema.type ?? 'any';
}
