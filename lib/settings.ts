import type { Node } from 'constructs';

/** What a deployment can choose, by `-c name=value` or in cdk.json's context. */
export interface Settings {
  /** A throw-away deployment: everything in it, data included, goes when the stack is deleted. */
  sandbox: boolean;
  /** Codes of the tenants that tokens can be issued for. */
  tenants: string[];
  /** ARN of an SNS topic that alarms notify. Without one they only change their state. */
  alarmTopicArn?: string;
  /** Ids of the public keys that signed digests before the present one. */
  formerDigestKeys: string[];
}

const DEFAULT_TENANTS = ['CU_DIGITAL'];
/** A Cognito resource server holds 100 scopes, and a client's token 50; a tenant is one scope. */
const MAX_TENANTS = 40;
const TENANT_CODE = /^[A-Z][A-Z0-9_]{1,31}$/;
const KEY_ID = /^[0-9a-f]{16}$/;

/** Reads the settings from a construct's context; values given on the command line arrive as text. */
export function readSettings(node: Node): Settings {
  const alarmTopicArn: unknown = node.tryGetContext('alarmTopicArn');
  return {
    sandbox: readFlag('sandbox', node.tryGetContext('sandbox')),
    tenants: readTenants(node.tryGetContext('tenants')),
    formerDigestKeys: readKeyIds(node.tryGetContext('formerDigestKeys')),
    ...(typeof alarmTopicArn === 'string' ? { alarmTopicArn } : {}),
  };
}

function readFlag(name: string, value: unknown): boolean {
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw new Error(`Set context "${name}" to true or false, not ${JSON.stringify(value)}`);
}

function readKeyIds(value: unknown): string[] {
  const ids = value === undefined ? [] : listOf(value);
  const known = ids.filter((id): id is string => typeof id === 'string' && KEY_ID.test(id));
  if (known.length === ids.length) return known;
  const due = 'ids of 16 hex digits, with commas between them';
  throw new Error(`Set context "formerDigestKeys" to ${due}, not ${JSON.stringify(value)}`);
}

function listOf(value: unknown): unknown[] {
  if (typeof value === 'string') return value.split(',');
  return Array.isArray(value) ? value : [value];
}

function readTenants(value: unknown): string[] {
  if (value === undefined) return DEFAULT_TENANTS;
  const tenants = listOf(value);
  const codes = tenants.filter((code): code is string => typeof code === 'string' && TENANT_CODE.test(code));
  if (codes.length !== tenants.length || codes.length === 0) {
    throw new Error(`Set context "tenants" to tenant codes such as CU_DIGITAL,CU_COAST, not ${JSON.stringify(value)}`);
  }
  if (codes.length > MAX_TENANTS) throw new Error(`Set at most ${MAX_TENANTS} tenants in context, not ${codes.length}`);
  return codes;
}
