import { BrokenAnswerError, type HttpAnswer } from './connections.ts';
import { type CancellationReason, ServiceError } from './errors.ts';

/** @returns what a service of the JSON protocol answered. @throws BrokenAnswerError */
export function parseJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new BrokenAnswerError('it is no JSON');
  }
}

interface ErrorBody {
  /** `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException` */
  __type?: string;
  message?: string;
  /** So spelled in an AccessDeniedException. */
  Message?: string;
  CancellationReasons?: CancellationReason[];
}

/** @returns the error in an answer of the JSON protocol */
export function jsonErrorOf({ status, headers, body }: HttpAnswer): ServiceError {
  let told: ErrorBody = {};
  try {
    told = (JSON.parse(body.toString()) as ErrorBody | null) ?? {};
  } catch {
    // A load balancer's page, or nothing: the status says it.
  }
  return new ServiceError({
    name: told.__type?.replace(/^.*#/, '') ?? 'UnknownError',
    message: told.message ?? told.Message ?? `The service answered ${status}`,
    status,
    requestId: headers['x-amzn-requestid'],
    ...(told.CancellationReasons && { cancellationReasons: told.CancellationReasons }),
  });
}
