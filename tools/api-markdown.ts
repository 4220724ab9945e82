import { COMMAND_TYPES } from '../src/contract/envelope.ts';
import { LIMITS } from '../src/contract/limits.ts';
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
    ...LIMITS_SECTION,
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

const KB = 1024;
const number = new Intl.NumberFormat('en-AU');

/** What a caller meets besides the fields' own rules. Those of the gateway in front are AWS's, and the local cloud's alike. */
const LIMITS_SECTION = [
  '## Limits',
  '',
  '| of | limit | beyond it |',
  '|---|---|---|',
  ...[
    ['body of one command', `${LIMITS.commandBytes / KB} KB`, '413 `PayloadTooLarge`'],
    ['body of a batch', `${LIMITS.batchBytes / KB / KB} MB`, '413 `PayloadTooLarge`'],
    ['any body, at the gateway', '10 MB', '413'],
    ['request line and headers together, at the gateway', '10,240 bytes', '431'],
    [
      'time of a request to arrive, in the local cloud: its headers, all of it',
      '10 s, 30 s',
      '408, and the connection is closed',
    ],
    ['time of an answer', '29 s', '503'],
    [
      'a batch',
      `${number.format(LIMITS.batchCommands)} commands, ${number.format(LIMITS.batchLegs)} legs together`,
      '400 `ValidationError`, for the whole',
    ],
    ['legs of an entry', number.format(LIMITS.legs), '400 `ValidationError`'],
    ['rows of a page', number.format(LIMITS.pageRows), '400 `ValidationError`'],
    ['faults that a refusal names', `${LIMITS.faults}`, 'the last one says how many more there are'],
  ].map((cells) => `| ${cells.join(' | ')} |`),
  '',
  'A body is JSON in UTF-8 without a byte order mark, of the content type `application/json`, without content encoding. Refused with 400 are bytes that are no UTF-8, an object with a member twice (parsers differ in which one they keep), and a member named `__proto__`.',
  '',
  'Texts hold no control characters, no line or paragraph separators, no bidirectional overrides or isolates, and no lone surrogates; metadata may hold tabs, line feeds and carriage returns. Everything else is kept as it was sent, and comes back so: whoever shows it escapes it for the place where it is shown.',
  '',
  'Numbers are read as doubles, as most JSON libraries do: digits beyond the seventeenth count for nothing, and -0 is 0. Refused are amounts so large that two of them share a double, and whole numbers in metadata beyond ±(2^53 − 1).',
  '',
  'A token is a JWT, signed with RS256 by a key of the issuer’s key set, for one of its clients, with `exp`, and with no `iat` or `nbf` in the future; `token_use` is `access`. Two `Authorization` headers are none.',
  '',
];

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
