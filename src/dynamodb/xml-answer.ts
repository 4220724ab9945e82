import type { HttpAnswer } from './connections.ts';
import { ServiceError } from './errors.ts';

/** @returns the error in an answer of STS or S3: in XML, or in JSON from a gateway before them, or not told at all */
export function xmlErrorOf({ status, headers, body }: HttpAnswer): ServiceError {
  const text = body.toString();
  const name = textOf(text, 'Code') ?? /"__type":"(?:[^"]*#)?(\w+)"/.exec(text)?.[1] ?? 'UnknownError';
  const message = textOf(text, 'Message') ?? `The service answered ${status}`;
  return new ServiceError({
    name,
    message,
    status,
    requestId: headers['x-amzn-requestid'] ?? headers['x-amz-request-id'],
  });
}

/** @returns the text of the first element of this name, without outer blanks; none where it is empty */
export function textOf(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>\\s*([^<]+?)\\s*</${name}>`).exec(xml)?.[1];
  return found?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
