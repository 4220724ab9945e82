import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSecrets, SECRETS } from '../store/key-files.ts';
import { replaceFile } from '../store/replace-file.ts';
import { writingTo } from '../store/store-error.ts';
import type { Stack } from '../template/stack.ts';

/** Random secrets, made once for a data directory. @throws StoreError where their file is there and holds none */
export function openGeneratedSecrets(dataDir: string): (name: string) => string {
  const path = join(dataDir, SECRETS);
  const secrets = existsSync(path) ? readSecrets(path) : {};
  return (name) => {
    let secret = secrets[name];
    if (secret === undefined) {
      secret = randomBytes(32).toString('hex');
      const all = JSON.stringify({ ...secrets, [name]: secret });
      writingTo(dataDir, () => replaceFile(path, all));
      secrets[name] = secret;
    }
    return secret;
  };
}

/** Value of a secret of the template by ARN or name; undefined when the template has none such. */
export function readSecret(
  stack: Stack,
  generatedSecret: (name: string) => string,
  secretId: string,
): { arn: string; value: string } | undefined {
  for (const secret of stack.resources('AWS::SecretsManager::Secret')) {
    const arn = stack.arn(secret.logicalId);
    if (secretId !== arn && secretId !== secret.property('Name') && secretId !== secret.physicalName) continue;
    const given = secret.text('SecretString');
    if (given !== undefined) return { arn, value: given };
    const generate = secret.property('GenerateSecretString') as
      { SecretStringTemplate?: string; GenerateStringKey?: string } | undefined;
    const random = generatedSecret(secret.logicalId);
    if (generate?.GenerateStringKey === undefined) return { arn, value: random };
    const template = JSON.parse(generate.SecretStringTemplate ?? '{}') as Record<string, unknown>;
    return { arn, value: JSON.stringify({ ...template, [generate.GenerateStringKey]: random }) };
  }
  return undefined;
}
