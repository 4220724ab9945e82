/** One statement of a policy document, normalised: every field that may be one or many is many. */
export interface Statement {
  allow: boolean;
  actions: string[];
  resources: string[];
  conditions: Condition[];
}

interface Condition {
  operator: string;
  key: string;
  values: string[];
}

/** What a policy is evaluated against. Keys are condition keys such as `dynamodb:LeadingKeys`; absent keys are null. */
export interface AccessRequest {
  action: string;
  resource: string;
  context: Record<string, string[] | undefined>;
}

/** Reads a resolved policy document. Refuses condition operators that it cannot evaluate: nothing is allowed by oversight. */
export function parsePolicy(document: unknown, where: string): Statement[] {
  const statements = many((document as { Statement?: unknown }).Statement);
  return statements.map((raw) => {
    const statement = raw as Record<string, unknown>;
    if (statement['NotAction'] !== undefined || statement['NotResource'] !== undefined) {
      throw new Error(`Cannot evaluate ${where}: the local cloud knows neither NotAction nor NotResource`);
    }
    const conditions: Condition[] = [];
    for (const [operator, tests] of Object.entries(
      (statement['Condition'] ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      if (
        !/^((ForAllValues|ForAnyValue):)?(StringEquals|StringLike|StringNotEquals|StringNotLike|ArnEquals|ArnLike)$|^Null$|^Bool$/.test(
          operator,
        )
      ) {
        throw new Error(`Cannot evaluate ${where}: the local cloud does not know the condition operator "${operator}"`);
      }
      for (const [key, values] of Object.entries(tests))
        conditions.push({ operator, key, values: many(values).map(String) });
    }
    return {
      allow: statement['Effect'] === 'Allow',
      // IAM compares actions without regard to case.
      actions: many(statement['Action']).map((action) => String(action).toLowerCase()),
      resources: statement['Resource'] === undefined ? ['*'] : many(statement['Resource']).map(String),
      conditions,
    };
  });
}

/** True when some statement allows the request and none denies it. */
export function isAllowed(statements: readonly Statement[], request: AccessRequest): boolean {
  let allowed = false;
  for (const statement of statements) {
    if (!covers(statement, request)) continue;
    if (!statement.allow) return false;
    allowed = true;
  }
  return allowed;
}

/** True when some statement denies the request, whatever others allow. */
export function isDenied(statements: readonly Statement[], request: AccessRequest): boolean {
  return statements.some((statement) => !statement.allow && covers(statement, request));
}

function covers({ actions, resources, conditions }: Statement, request: AccessRequest): boolean {
  const action = request.action.toLowerCase();
  return (
    actions.some((pattern) => like(pattern, action)) &&
    resources.some((pattern) => likeWithVariables(pattern, request.resource, request.context)) &&
    conditions.every((condition) => holds(condition, request.context))
  );
}

function holds({ operator, key, values }: Condition, context: AccessRequest['context']): boolean {
  const actual = context[key];
  if (operator === 'Null')
    return values.every((value) => (value === 'true') === (actual === undefined || actual.length === 0));
  const [set, test] = operator.includes(':') ? (operator.split(':') as [string, string]) : ['', operator];
  const negated = test.includes('Not');
  const matches = (value: string) => {
    const found = values.some((pattern) =>
      test.endsWith('Equals') && test !== 'ArnEquals'
        ? value === substitute(pattern, context)
        : likeWithVariables(pattern, value, context),
    );
    return found !== negated;
  };
  // As in IAM: ForAllValues holds for an absent key, which is why policies need a Null guard beside it.
  if (set === 'ForAllValues') return (actual ?? []).every(matches);
  if (set === 'ForAnyValue') return (actual ?? []).some(matches);
  if (actual === undefined) return negated;
  return actual.every(matches);
}

/** Replaces `${aws:PrincipalTag/TenantID}` by its value; undefined when the request has none, so that nothing can match. */
function substitute(pattern: string, context: AccessRequest['context']): string | undefined {
  let missing = false;
  const text = pattern.replace(/\$\{([^}]+)\}/g, (_whole, key: string) => {
    const value = context[key]?.[0];
    if (value === undefined) missing = true;
    return value ?? '';
  });
  return missing ? undefined : text;
}

function likeWithVariables(pattern: string, value: string, context: AccessRequest['context']): boolean {
  if (!pattern.includes('${')) return like(pattern, value);
  let parts = splitPatterns.get(pattern);
  if (parts === undefined) splitPatterns.set(pattern, (parts = pattern.split(/(\$\{[^}]+\})/)));
  let source = '^';
  for (const part of parts) {
    if (!part.startsWith('${')) {
      source += wildcardSource(part);
      continue;
    }
    const found = context[part.slice(2, -1)]?.[0];
    if (found === undefined) return false;
    // A wildcard inside a variable's value is text, not a wildcard: it is matched literally.
    source += escape(found);
  }
  return matcher(`${source}$`).test(value);
}

function like(pattern: string, value: string): boolean {
  if (!pattern.includes('*') && !pattern.includes('?')) return pattern === value;
  return matcher(`^${wildcardSource(pattern)}$`).test(value);
}

/** Patterns with variables, in parts. They come from the template: there are few. */
const splitPatterns = new Map<string, string[]>();

/** Matchers by their source: the same few statements and sessions are looked at for each request. A bound on memory, not on sessions. */
const matchers = new Map<string, RegExp>();
const matchersKept = 1_000;

function matcher(source: string): RegExp {
  let expression = matchers.get(source);
  if (expression === undefined) {
    if (matchers.size >= matchersKept) matchers.clear();
    expression = new RegExp(source, 's');
    matchers.set(source, expression);
  }
  return expression;
}

const wildcardSources = new Map<string, string>();

function wildcardSource(pattern: string): string {
  let source = wildcardSources.get(pattern);
  if (source === undefined) {
    source = escape(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
    wildcardSources.set(pattern, source);
  }
  return source;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function many(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
