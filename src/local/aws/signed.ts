import type { Principal } from '../iam/principals.ts';
import { json, type Service, type ServiceAnswer, type ServiceRequest } from './endpoint.ts';

/** A request whose caller is known. */
export type SignedRequest = ServiceRequest & { caller: Principal | 'administrator' };

export type SignedService = (request: SignedRequest) => Promise<ServiceAnswer | undefined> | ServiceAnswer | undefined;

/** Services behind AWS credentials: without good ones nothing of them answers. */
export function signed(services: SignedService[]): Service {
  return async (request) => {
    const { caller } = request;
    if (caller === 'unknown') {
      const message = 'The security token included in the request is invalid.';
      return json(403, { __type: 'UnrecognizedClientException', message });
    }
    for (const service of services) {
      const answer = await service({ ...request, caller });
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
}
