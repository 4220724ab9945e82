import { CONFIG_LIMITS, DEFAULT_CONFIG } from '../../twin/config.ts';
import { usageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { isoDate, tenantCode, wholeNumber } from '../flag-values.ts';

const LIMITS = {
  members: { least: 1, most: CONFIG_LIMITS.members },
  days: { least: 1, most: CONFIG_LIMITS.days },
  workers: { least: 1, most: CONFIG_LIMITS.workers },
};
/** With its days and a term of years after them, a run stays within the years that the ledger takes: 1900 to 2999. */
const START = { least: '1970-01-01', most: '2900-12-31' };
/** A seed is any text, but one that can stand in a file name and on a command line. */
const SEED = /^[\w.-]{1,40}$/;

export const demo = defineCommand({
  name: 'demo',
  description: 'Runs a synthetic credit union through a month, checks the books, prints a report and stays up',
  args: {
    members: {
      type: 'string',
      description: 'Members of the credit union',
      default: String(DEFAULT_CONFIG.members),
      valueHint: 'n',
    },
    days: { type: 'string', description: 'Days to simulate', default: String(DEFAULT_CONFIG.days), valueHint: 'n' },
    start: { type: 'string', description: 'First simulated day', default: DEFAULT_CONFIG.start, valueHint: 'date' },
    seed: {
      type: 'string',
      description: 'Another seed, another month',
      default: DEFAULT_CONFIG.seed,
      valueHint: 'text',
    },
    tenant: { type: 'string', description: 'Code of the tenant', default: DEFAULT_CONFIG.tenantId, valueHint: 'code' },
    workers: {
      type: 'string',
      description: 'Pairs of chains posted to at the same time; changes the speed only',
      default: String(DEFAULT_CONFIG.workers),
      valueHint: 'n',
    },
    once: { type: 'boolean', description: 'End after the report instead of staying up' },
    json: {
      type: 'string',
      description: 'Write the report to this file; - is stdout, with nothing else on it',
      valueHint: 'file',
    },
    data: {
      type: 'string',
      description: 'Keep the store in this folder (default: a new, temporary one)',
      valueHint: 'dir',
    },
  },
  examples: [
    { line: 'turing demo', what: '500 members, 30 days; then the API, its reference and the report until Ctrl-C' },
    { line: 'turing demo --once --members 100 --days 7', what: 'a small one that ends' },
    {
      line: 'turing demo --once --json - | jq .invariants',
      what: 'for a script; exit code 5 when an invariant is breached',
    },
  ],
  async run(args, context) {
    if (!SEED.test(args.seed)) {
      throw usageError(`Give --seed up to 40 letters, digits, dots, dashes or underscores: it is "${args.seed}"`);
    }
    const settings = {
      members: wholeNumber('members', args.members, LIMITS.members),
      days: wholeNumber('days', args.days, LIMITS.days),
      start: isoDate('start', args.start, START),
      seed: args.seed,
      tenantId: tenantCode('tenant', args.tenant),
      workers: wholeNumber('workers', args.workers, LIMITS.workers),
    };
    const { requireFolder, requireWritableFile } = await import('../folders.ts');
    const toFile = args.json !== undefined && args.json !== '-';
    const jsonFile = toFile ? requireWritableFile('json', args.json) : args.json;
    const dataDir = args.data === undefined ? undefined : requireFolder('data', args.data);
    const { runDemo } = await import('../demo/run-demo.ts');
    return runDemo(
      {
        settings,
        once: args.once === true,
        ...(jsonFile !== undefined && { jsonFile }),
        ...(dataDir !== undefined && { dataDir }),
      },
      context,
    );
  },
});
