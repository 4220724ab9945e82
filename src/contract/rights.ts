import type { CommandType } from './envelope.ts';

/**
 * Rights and tenants travel in the token's `scope` claim, space separated, as Cognito's client-credentials tokens carry
 * them: `tenants/CU_DIGITAL rights/commands:PostEntry rights/queries`.
 */
export const TENANT_SCOPE_PREFIX = 'tenants/';
export const RIGHT_SCOPE_PREFIX = 'rights/';

export const RIGHTS = [
  'commands:UpsertProduct',
  'commands:CreateCustomer',
  'commands:OpenAccount',
  'commands:PostEntry',
  'queries',
  'platform:tenants',
  'compliance',
] as const;
export type Right = (typeof RIGHTS)[number];

/** The right that each command needs. */
export const COMMAND_RIGHTS: Readonly<Record<CommandType, Right>> = {
  CreateTenant: 'platform:tenants',
  UpsertProduct: 'commands:UpsertProduct',
  CreateCustomer: 'commands:CreateCustomer',
  OpenAccount: 'commands:OpenAccount',
  PostEntry: 'commands:PostEntry',
};
