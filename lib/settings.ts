import type { Node } from 'constructs';

/** What a deployment can choose, by `-c name=value` or in cdk.json's context. */
export interface Settings {
  /** A throw-away deployment: everything in it, data included, goes when the stack is deleted. */
  sandbox: boolean;
  /** Codes of the tenants that tokens can be issued for. */
  tenants: string[];
  /** ARN of an SNS topic that alarms notify. Without one they only change their state. */
  alarmTopicArn?: string;
}

const DEFAULT_TENANTS = ['CU_DIGITAL'];
/** A Cognito resource server holds 100 scopes, and a client's token 50; a tenant is one scope. */
const MAX_TENANTS = 40;
const TENANT_CODE = /^[A-Z][A-Z0-9_]{1,31}$/;

/** Reads the settings from a construct's context; values given on the command line arrive as text. */
export function readSettings(node: Node): Settings {
  const alarmTopicArn: unknown = node.tryGetContext('alarmTopicArn');
  return {
    sandbox: readFlag('sandbox', node.tryGetContext('sandbox')),
    tenants: readTenants(node.tryGetContext('tenants')),
    ...(typeof alarmTopicArn === 'string' ? { alarmTopicArn } : {}),
  };
}

function readFlag(name: string, value: unknown): boolean {
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw new Error(`Set context "${name}" to true or false, not ${JSON.stringify(value)}`);
}

function readTenants(value: unknown): string[] {
  if (value === undefined) return DEFAULT_TENANTS;
  const tenants: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
  const codes = tenants.filter((code): code is string => typeof code === 'string' && TENANT_CODE.test(code));
  if (codes.length !== tenants.length || codes.length === 0) {
    throw new Error(`Set context "tenants" to tenant codes such as CU_DIGITAL,CU_COAST, not ${JSON.stringify(value)}`);
  }
  if (codes.length > MAX_TENANTS) throw new Error(`Set at most ${MAX_TENANTS} tenants in context, not ${codes.length}`);
  return codes;
}
