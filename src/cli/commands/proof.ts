import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { placeFlags, placeOf } from '../evidence/place-flags.ts';
import { isoDate, tenantCode } from '../flag-values.ts';

const DAYS = { least: '1900-01-01', most: '2999-12-31' };
const ACCOUNT = /^acc_\d\d_[A-Za-z0-9_-]{1,57}$/;

export const proof = defineCommand({
  name: 'proof',
  description:
    'Proves the balance of one account on a day: its events and the way from each to a signature, in one JSON that discloses nobody else',
  args: {
    account: { type: 'string', description: 'Account of a member', valueHint: 'id' },
    at: { type: 'string', description: 'Day at whose end the balance is told, by value date', valueHint: 'date' },
    tenant: { type: 'string', description: 'Tenant of the account', default: 'CU_DIGITAL', valueHint: 'code' },
    out: { type: 'string', description: 'File for it (default: stdout)', valueHint: 'file' },
    ...placeFlags,
  },
  examples: [
    {
      line: 'turing proof --account acc_07_5f0c2f3c9d5e4b7a8c1d --at 2025-01-31 --out proof.json',
      what: 'of the running cloud, which signs a digest of all that is there first; then: turing verify proof.json',
    },
  ],
  async run(args, context) {
    const { account, at, out } = args;
    if (account === undefined || !ACCOUNT.test(account))
      throw usageError(
        `Give --account a member's account such as acc_07_5f0c2f3c9d5e4b7a8c1d: it is "${account ?? ''}"`,
      );
    if (at === undefined) throw usageError('Give --at a day such as 2025-01-31');
    const day = isoDate('at', at, DAYS);
    const place = placeOf(tenantCode('tenant', args.tenant), args);
    const { runProof } = await import('../evidence/run-proof.ts');
    return runProof({ place, account, at: day, ...(out !== undefined && { out }) }, context);
  },
});
