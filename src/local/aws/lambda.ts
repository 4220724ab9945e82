import type { Functions } from '../functions/functions.ts';
import type { FunctionRuntime } from '../functions/runtime.ts';
import { refuse } from './access.ts';
import { json } from './endpoint.ts';
import type { SignedService } from './signed.ts';

/** Lambda: Invoke, waiting for the answer or not. */
export function createLambda(functions: Functions, log: (line: string) => void): SignedService {
  return async (request) => {
    const [, encoded] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path) ?? [];
    if (encoded === undefined || request.method !== 'POST') return undefined;
    const nameOrArn = decodeURIComponent(encoded);
    let target: FunctionRuntime;
    try {
      target = functions.byNameOrArn(nameOrArn);
    } catch {
      return json(404, {
        Type: 'User',
        Message: `Function not found: ${nameOrArn}`,
        __type: 'ResourceNotFoundException',
      });
    }
    const refusal = refuse(request.caller, 'lambda:InvokeFunction', target.arn);
    if (refusal !== undefined) return refusal;
    const payload: unknown = request.body === '' ? {} : JSON.parse(request.body);
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      void target.invoke(payload).then((result) => {
        if (!result.ok) log(`${target.name}: ${result.error.errorType}: ${result.error.errorMessage}`);
      });
      return json(202, '');
    }
    const result = await target.invoke(payload);
    if (result.ok) return json(200, result.value);
    return {
      ...json(200, result.error),
      headers: { 'x-amz-function-error': result.handled ? 'Handled' : 'Unhandled' },
    };
  };
}
