/** An Amazon States Language definition, as far as the local cloud looks into it. */
export interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

export interface State {
  Type: string;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  ItemProcessor?: Definition;
  Iterator?: Definition;
  Branches?: Definition[];
  [field: string]: unknown;
}

export interface TaskState extends State {
  Resource: string;
  Parameters?: { FunctionName?: unknown; [field: string]: unknown };
}

/** The longest time that a Node timer can hold; AWS's own default is 99,999,999 seconds. */
const noTimeoutSeconds = 2_147_483;

/** Replaces `${placeholders}` and settles what the interpreter does otherwise than AWS. */
export function prepareDefinition(options: {
  text: string;
  substitutions: Record<string, unknown>;
  where: string;
}): Definition {
  const { text, substitutions, where } = options;
  const substituted = text.replace(/\$\{([\w:.-]+)\}/g, (_whole, name: string) => {
    const value = substitutions[name];
    if (value === undefined)
      throw new Error(
        `Cannot create ${where}: its definition has a placeholder "\${${name}}" that DefinitionSubstitutions does not set`,
      );
    return typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value);
  });
  let definition: Definition & { QueryLanguage?: string };
  try {
    definition = JSON.parse(substituted) as Definition & { QueryLanguage?: string };
  } catch (error) {
    throw new Error(`Cannot create ${where}: its definition is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (definition.QueryLanguage === 'JSONata')
    throw new Error(`Cannot create ${where}: the local cloud runs JSONPath state machines only`);
  eachState(definition, (name, state) => {
    if (state.Type === 'Task') {
      checkResource(name, state as TaskState, where);
      // A task without a limit would end after the interpreter's 60 seconds.
      if (state.TimeoutSeconds === undefined && state.TimeoutSecondsPath === undefined)
        state.TimeoutSeconds = noTimeoutSeconds;
    }
    // The interpreter would write a field named "$".
    if (state['ResultPath'] === '$') delete state['ResultPath'];
    for (const catcher of (state['Catch'] ?? []) as { ResultPath?: string }[])
      if (catcher.ResultPath === '$') delete catcher.ResultPath;
  });
  return definition;
}

/** Visits every state, those in branches and item processors too. */
export function eachState(definition: Definition, visit: (name: string, state: State) => void): void {
  for (const [name, state] of Object.entries(definition.States)) {
    visit(name, state);
    for (const inner of [state.ItemProcessor, state.Iterator, ...(state.Branches ?? [])]) {
      if (inner !== undefined) eachState(inner, visit);
    }
  }
}

function checkResource(name: string, state: TaskState, where: string): void {
  if (state.Resource === 'arn:aws:states:::lambda:invoke' || state.Resource.startsWith('arn:aws:lambda:')) return;
  throw new Error(
    `Cannot create ${where}: state "${name}" uses "${state.Resource}"; the local cloud runs Lambda tasks only`,
  );
}
