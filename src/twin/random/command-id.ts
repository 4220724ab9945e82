import { hash } from 'node:crypto';

/**
 * The command id that belongs to an idempotency key of a tenant: a UUID (version 8, custom) of the first bits of
 * their SHA-256, so that a command made again after a crash is the same command.
 */
export function commandIdOf(tenantId: string, idempotencyKey: string): string {
  const hex = hash('sha256', `${tenantId}|${idempotencyKey}`);
  // Two bits of variant: 8, 9, a or b.
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
