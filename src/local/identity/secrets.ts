import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../template/stack.ts';

/** Random secrets, made once for a data directory. */
export function openGeneratedSecrets(dataDir: string): (name: string) => string {
  const path = join(dataDir, 'secrets.json');
  const secrets = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>) : {};
  return (name) => {
    let secret = secrets[name];
    if (secret === undefined) {
      secret = randomBytes(32).toString('hex');
      secrets[name] = secret;
      writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 });
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
