/**
 * A tenant of CU_LARGE's size: 75,000 members, each with 2.5 entries a day, as the specification of the digital twin has it.
 * What members ask is ours to assume: the balance and the latest events, once a day.
 */
export const CU_LARGE = { members: 75_000, entriesAMemberAndDay: 2.5, queriesAMemberAndDay: 2, days: 30 } as const;
/** Of all entries: card payments come one by one, salaries, bills and interest in batches. */
const SINGLE_SHARE = 0.5;
const STORED_MONTHS = 12;
/** DynamoDB's price of a GB for a month; backups to any second add as much again at 0.20. */
const GB_MONTH = 0.25 + 0.2;

export interface Month {
  lines: { what: string; quantity: number; unit: string; dollars: number }[];
  dollars: number;
}

/** The arithmetic of such a month, from measured costs of a million. */
export function monthOf(measured: {
  batchesPerMillion: number;
  singlePerMillion: number;
  queriesPerMillion: number;
  storedBytesAnEntry: number;
  /** Of the whole deployment, which tenants in fact share. */
  idle: number;
}): Month {
  const { members, entriesAMemberAndDay, queriesAMemberAndDay, days } = CU_LARGE;
  const entries = members * entriesAMemberAndDay * days;
  const single = entries * SINGLE_SHARE;
  const queries = members * queriesAMemberAndDay * days;
  const storedGb = (entries * STORED_MONTHS * measured.storedBytesAnEntry) / 1e9;
  const lines = [
    {
      what: 'entries one by one',
      quantity: single,
      unit: 'entries',
      dollars: (single / 1e6) * measured.singlePerMillion,
    },
    {
      what: 'entries in batches of 50',
      quantity: entries - single,
      unit: 'entries',
      dollars: ((entries - single) / 1e6) * measured.batchesPerMillion,
    },
    { what: 'queries', quantity: queries, unit: 'queries', dollars: (queries / 1e6) * measured.queriesPerMillion },
    {
      what: `storage of ${STORED_MONTHS} months, with backups`,
      quantity: storedGb,
      unit: 'GB',
      dollars: storedGb * GB_MONTH,
    },
    { what: 'the idle deployment', quantity: 1, unit: 'deployment', dollars: measured.idle },
  ];
  return { lines, dollars: lines.reduce((sum, { dollars }) => sum + dollars, 0) };
}
