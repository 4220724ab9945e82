import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { spanSeconds, tenantCode } from '../flag-values.ts';

const LIFETIME_SECONDS = { least: 1, most: 365 * 86_400 };

export const token = defineCommand({
  name: 'token',
  description: 'Prints a bearer token for the API of the running cloud, and nothing else',
  args: {
    tenant: {
      type: 'string',
      description: 'Tenant that the token is for; may be given more than once',
      valueHint: 'code',
    },
    rights: { type: 'string', description: 'Rights, separated by commas (default: all)', valueHint: 'a,b' },
    subject: {
      type: 'string',
      description: 'Who the token names: the actorId of its commands',
      default: 'OPERATOR',
      valueHint: 'name',
    },
    ttl: { type: 'string', description: 'How long it is good for', default: '12h', valueHint: 'span' },
  },
  repeatable: ['tenant'],
  examples: [
    { line: 'turing token --tenant CU_DIGITAL', what: 'all rights for one tenant, for half a day' },
    {
      line: 'curl -H "authorization: Bearer $(turing token --tenant CU_DIGITAL --rights queries)" http://127.0.0.1:4510/v1/tenants/CU_DIGITAL/accounts',
      what: 'one that can only read',
    },
  ],
  async run(args, { terminal }, valuesOf) {
    const tenants = valuesOf('tenant').map((code) => tenantCode('tenant', code));
    if (tenants.length === 0) throw usageError('Give --tenant the tenant that the token is for');
    const ttlSeconds = spanSeconds('ttl', args.ttl, LIFETIME_SECONDS);
    const [{ issueToken }, { PATHS }] = await Promise.all([
      import('../token/issue-token.ts'),
      import('../project-paths.ts'),
    ]);
    const wanted = args.rights === undefined ? {} : { rights: args.rights.split(',').map((right) => right.trim()) };
    terminal.out(
      await issueToken({ cloudFile: PATHS.cloudFile, subject: args.subject, tenants, ttlSeconds, ...wanted }),
    );
    return EXIT.ok;
  },
});
