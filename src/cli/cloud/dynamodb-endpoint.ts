import { CliError, codeOf, messageOf, usageError } from '../cli-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FIX = 'Start the server there, or unset DYNAMODB_ENDPOINT to use the embedded engine.';

/** @returns the DynamoDB-compatible server that the user put in the embedded engine's place; undefined without one */
export function dynamodbEndpoint(env: Environment): string | undefined {
  const endpoint = env['DYNAMODB_ENDPOINT'];
  return endpoint === '' ? undefined : endpoint;
}

/** @throws CliError with exit code 2 when it is no address */
export function checkEndpoint(env: Environment): void {
  const endpoint = dynamodbEndpoint(env);
  if (endpoint === undefined || /^https?:$/.test(protocolOf(endpoint))) return;
  throw usageError(`Give DYNAMODB_ENDPOINT an address such as http://127.0.0.1:8000: it is "${endpoint}"`, FIX);
}

/** @returns what to tell when a start failed because nothing that speaks DynamoDB answers there; undefined for other failures */
export function unreachableEndpoint(env: Environment, error: unknown): CliError | undefined {
  const endpoint = dynamodbEndpoint(env);
  if (endpoint === undefined) return undefined;
  // `fetch` says no more than that it failed; the reason is its cause.
  const reason = error instanceof TypeError && error.cause !== undefined ? error.cause : undefined;
  // A web server that is no DynamoDB answers with something that is no JSON.
  if (reason === undefined && !(error instanceof SyntaxError)) return undefined;
  const why = reason === undefined ? 'what answers there is no DynamoDB' : (codeOf(reason) ?? messageOf(reason));
  const message = `Cannot reach a DynamoDB at DYNAMODB_ENDPOINT "${endpoint}": ${why}`;
  return new CliError(message, { fix: FIX, cause: error });
}

function protocolOf(address: string): string {
  return URL.canParse(address) ? new URL(address).protocol : '';
}
