import { readSecret } from '../identity/secrets.ts';
import type { Stack } from '../template/stack.ts';
import { refuse } from './access.ts';
import { json, operationOf } from './endpoint.ts';
import type { SignedService } from './signed.ts';

/** Secrets Manager: GetSecretValue of the template's secrets. */
export function createSecretsManager(stack: Stack, generatedSecret: (name: string) => string): SignedService {
  return (request) => {
    if (operationOf(request, 'secretsmanager') !== 'GetSecretValue') return undefined;
    const { SecretId } = JSON.parse(request.body) as { SecretId: string };
    const secret = readSecret(stack, generatedSecret, SecretId);
    const refusal = refuse(request.caller, 'secretsmanager:GetSecretValue', secret?.arn ?? SecretId);
    if (refusal !== undefined) return refusal;
    if (secret === undefined)
      return json(400, {
        __type: 'ResourceNotFoundException',
        message: "Secrets Manager can't find the specified secret.",
      });
    return json(200, {
      ARN: secret.arn,
      Name: secret.arn.replace(/^.*:secret:/, ''),
      SecretString: secret.value,
      VersionId: '00000000-0000-0000-0000-000000000001',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: 0,
    });
  };
}
