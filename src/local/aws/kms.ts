import type { SigningKey } from '../kms/signing-keys.ts';
import { refuse } from './access.ts';
import { json, operationOf } from './endpoint.ts';
import type { SignedService } from './signed.ts';

/** What KMS takes of a message that it hashes itself. */
const MESSAGE_MAX_BYTES = 4_096;
const ALGORITHM = 'ECDSA_SHA_256';

/** Key Management Service: Sign (whole messages) and GetPublicKey of the template's keys for signatures. */
export function createKms(keyOf: (keyId: string) => SigningKey | undefined): SignedService {
  return (request) => {
    const operation = operationOf(request, 'TrentService');
    if (operation !== 'Sign' && operation !== 'GetPublicKey') return undefined;
    const asked = JSON.parse(request.body) as {
      KeyId?: string;
      Message?: string;
      MessageType?: string;
      SigningAlgorithm?: string;
    };
    const { KeyId = '', Message = '', MessageType = 'RAW', SigningAlgorithm = '' } = asked;
    const key = keyOf(KeyId);
    const context =
      operation === 'Sign' ? { 'kms:SigningAlgorithm': [SigningAlgorithm], 'kms:MessageType': [MessageType] } : {};
    const refusal = refuse(request.caller, `kms:${operation}`, key?.arn ?? KeyId, context);
    if (refusal !== undefined) return refusal;
    if (key === undefined) return fault('NotFoundException', `Key '${KeyId}' does not exist`);

    if (operation === 'GetPublicKey') {
      return json(200, {
        KeyId: key.arn,
        KeySpec: 'ECC_NIST_P256',
        KeyUsage: 'SIGN_VERIFY',
        PublicKey: key.publicKey.toString('base64'),
        SigningAlgorithms: [ALGORITHM],
      });
    }
    const message = Buffer.from(Message, 'base64');
    if (message.length === 0 || message.length > MESSAGE_MAX_BYTES)
      return fault('ValidationException', `Member 'message' must have 1 to ${MESSAGE_MAX_BYTES} bytes`);
    if (SigningAlgorithm !== ALGORITHM)
      return fault(
        'InvalidKeyUsageException',
        `Algorithm ${SigningAlgorithm} is incompatible with key spec ECC_NIST_P256.`,
      );
    if (MessageType !== 'RAW')
      return fault('UnsupportedOperationException', 'The local cloud signs whole messages: MessageType RAW');
    return json(200, { KeyId: key.arn, Signature: key.sign(message).toString('base64'), SigningAlgorithm });
  };
}

function fault(type: string, message: string): ReturnType<typeof json> {
  return json(400, { __type: type, message });
}
