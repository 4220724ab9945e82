import { BrokenAnswerError } from './connections.ts';
import { rememberedEnvironment, serviceAddress } from './environment.ts';
import { jsonErrorOf, parseJson } from './json-answer.ts';
import { createSignedService, SELDOM_ASKED, type ServiceClientOptions } from './signed-service.ts';

/**
 * Key Management Service: keys that sign and never leave it. Keys are named by id or ARN.
 * Throws ServiceError (`NotFoundException`, `AccessDeniedException`) and faults.
 */
export interface Kms {
  /** @param request.message the whole message, 1 to 4,096 bytes @returns the signature, DER */
  sign(request: { keyId: string; message: Uint8Array; algorithm: 'ECDSA_SHA_256' }): Promise<Buffer>;
  /** @returns the public half, a SubjectPublicKeyInfo in DER */
  publicKey(keyId: string): Promise<Buffer>;
  close(): void;
}

const TIMEOUT_MS = 10_000;
const CONTENT_TYPE = ['content-type', 'application/x-amz-json-1.1'] as const;

/** @throws ConfigurationError when no region is set */
export function createKms(options: ServiceClientOptions = {}): Kms {
  const service = createSignedService({
    ...(options.address ?? serviceAddress('kms')),
    service: 'kms',
    ...SELDOM_ASKED,
    random: options.random ?? Math.random,
    errorOf: jsonErrorOf,
  });
  const credentials = options.credentials ?? rememberedEnvironment();

  const ask = async (operation: string, request: object, member: string): Promise<Buffer> => {
    const answer = await service.ask({
      credentials,
      headers: [CONTENT_TYPE, ['x-amz-target', `TrentService.${operation}`]],
      body: JSON.stringify(request),
      timeoutMs: TIMEOUT_MS,
    });
    const given = (parseJson(answer) as Record<string, unknown> | null)?.[member];
    if (typeof given !== 'string' || given === '') throw new BrokenAnswerError(`KMS gave no ${member}`);
    return Buffer.from(given, 'base64');
  };

  return {
    sign: ({ keyId, message, algorithm }) => {
      const text = Buffer.from(message).toString('base64');
      const request = { KeyId: keyId, Message: text, MessageType: 'RAW', SigningAlgorithm: algorithm };
      return ask('Sign', request, 'Signature');
    },
    publicKey: (keyId) => ask('GetPublicKey', { KeyId: keyId }, 'PublicKey'),
    close: () => service.close(),
  };
}
