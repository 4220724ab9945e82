import { PUBLISHED_WEEKLY_SPEND, type ExpenditureGroup } from '../data/spending.ts';
import type { Purpose } from '../world/intent.ts';
import type { Volume } from '../world/tally.ts';
import type { World } from '../world/world.ts';

/** One line of the comparison with the published world. */
export interface CalibrationRow {
  measure: string;
  /** null where there was nothing to count: no loan, no purchase, nobody employed. */
  ours: number | null;
  /** What the scenario was told to come to, for figures that it does not draw from the published world; else null. */
  set: number | null;
  /** null where nothing comparable is published. */
  published: number | null;
  unit: string;
  /** Of the published figure, or of the setting where nothing is published. */
  source: string;
  /** What stands in the way of a comparison. */
  note: string;
}

const SPENDING_PURPOSES = [
  'CARD',
  'CASH_OUT',
  'BILL_BPAY',
  'BILL_DIRECT_ENTRY',
  'EXTERNAL_PAYMENT',
  'MEMBER_PAYMENT',
] as const;
const RBA_PAYMENTS = 'RBA Consumer Payments Survey 2022';
const RBA_RAILS = 'RBA payments statistics 2021/22';
const HES = 'ABS Household Expenditure Survey 2015-16';
const SEED = 'Specification of the scenario';

/** Reckoned from what was simulated, never from what was intended. */
export function calibrationOf(world: World): CalibrationRow[] {
  return [...earnings(world), ...payments(world), ...spending(world), ...risk(world)];
}

function earnings(world: World): CalibrationRow[] {
  const weekly = world.members.filter((member) => member.employed).map((member) => member.annualIncomeMinor / 100 / 52);
  const labourForce = world.members.filter((member) => member.employed || member.status === 'UNEMPLOYED').length;
  return [
    row(
      'Median weekly earnings of employed members',
      [median(weekly), 1_425],
      'A$',
      'ABS Employee earnings, 2025-08',
      '',
    ),
    row('Unemployment', [percent(labourForce - weekly.length, labourForce), null], '%', SEED, 'In a normal economy', 4),
  ];
}

function payments(world: World): CalibrationRow[] {
  const memberDays = world.members.length * world.nextDay;
  const of = (...purposes: Purpose[]) => sum(purposes.map((purpose) => world.tally.byPurpose.get(purpose)));
  const card = of('CARD');
  const made = of(...SPENDING_PURPOSES);
  const directCredit = of('SALARY', 'BENEFIT');
  const railsTotal = card.count + directCredit.count + of('BILL_DIRECT_ENTRY', 'BILL_BPAY').count;
  const rail = (volume: Volume) => percent(volume.count, railsTotal);
  // Debit 55.7, credit card 18.4, direct entry 11.1 and 6.0, BPAY 2.3: 93.5 in all, to which the shares are scaled.
  const published = (share: number) => (share / 93.5) * 100;
  return [
    row(
      'Payments a member and day',
      [made.count / memberDays, 1.9],
      '',
      RBA_PAYMENTS,
      'Withdrawals stand for the cash payments made with them',
    ),
    row('Card share of payments', [percent(card.count, made.count), 76], '%', RBA_PAYMENTS, ''),
    row(
      'Cash share of payments',
      [percent(of('CASH_OUT').count, made.count), 13],
      '%',
      RBA_PAYMENTS,
      'Ours counts withdrawals, published counts payments in cash',
    ),
    row(
      'Online share of card purchases',
      [percent(world.tally.onlineCards.count, card.count), 18],
      '%',
      RBA_PAYMENTS,
      'Published: online share of all payments',
    ),
    row('Average card purchase', [average(card), 50], 'A$', RBA_RAILS, 'Published: debit cards, business included'),
    row(
      'Rails: cards, by number',
      [rail(card), published(55.7 + 18.4)],
      '%',
      RBA_RAILS,
      'Of these rails; ours are debit cards only',
    ),
    row(
      'Rails: direct entry credits, by number',
      [rail(directCredit), published(11.1)],
      '%',
      RBA_RAILS,
      'Published: business included',
    ),
    row(
      'Rails: direct entry debits, by number',
      [rail(of('BILL_DIRECT_ENTRY')), published(6)],
      '%',
      RBA_RAILS,
      'Published: business included',
    ),
    row(
      'Rails: BPAY, by number',
      [rail(of('BILL_BPAY')), published(2.3)],
      '%',
      RBA_RAILS,
      'Published: business included',
    ),
    row('Transfers to savings a member and day', [of('SAVE').count / memberDays, null], '', SEED, '', 0.4),
  ];
}

function spending(world: World): CalibrationRow[] {
  const total = sum([...world.tally.byGroup.values()]).minor;
  const publishedTotal = Object.values(PUBLISHED_WEEKLY_SPEND).reduce((left, right) => left + right, 0);
  // Keys of a record typed by its groups.
  const groups = Object.keys(PUBLISHED_WEEKLY_SPEND) as ExpenditureGroup[];
  return groups.map((group) => {
    const ours = percent(world.tally.byGroup.get(group)?.minor ?? 0, total);
    const published = percent(PUBLISHED_WEEKLY_SPEND[group], publishedTotal);
    return row(`Spending on ${group}`, [ours, published], '%', HES, 'Cards and bills; share of all spending');
  });
}

function risk(world: World): CalibrationRow[] {
  const { fraud, loans, byPurpose } = world.tally;
  const card = sum([byPurpose.get('CARD')]);
  const accepted = fraud.filter((record) => record.accepted);
  const fraudMinor = accepted.reduce((left, record) => left + record.amountMinor, 0);
  const drawn = [...world.loans()];
  return [
    row(
      'Fraud: share of card purchases',
      [percent(accepted.length, card.count), null],
      '%',
      SEED,
      '',
      100 * world.config.fraudRate,
    ),
    row(
      'Fraud: cents per A$1,000 on cards',
      [card.minor === 0 ? null : (fraudMinor / card.minor) * 100_000, 78.8],
      'c',
      'AusPayNet 2024',
      'Follows from the share that is set; published 89 % card not present, ours all',
    ),
    row(
      'Loans missing repayments',
      [percent(drawn.filter((loan) => loan.application.arrears).length, drawn.length), 0.47],
      '%',
      'APRA 2025-12, housing loans 30–89 days',
      'Ours are personal loans',
      100 * world.config.arrearsRate,
    ),
    row('Loan applications approved', [percent(loans.approved, loans.applications), null], '%', SEED, '', 80),
    row(
      'Loan applications per 500 members and 30 days',
      [((loans.applications / world.members.length) * 500 * 30) / world.nextDay, null],
      '',
      SEED,
      '',
      75,
    ),
  ];
}

function row(
  measure: string,
  values: readonly [ours: number | null, published: number | null],
  unit: string,
  source: string,
  note: string,
  set: number | null = null,
): CalibrationRow {
  const [ours, published] = values;
  return {
    measure,
    ours: hundredths(ours),
    set: hundredths(set),
    published: hundredths(published),
    unit,
    source,
    note,
  };
}

function sum(volumes: readonly (Volume | undefined)[]): Volume {
  const total = { count: 0, minor: 0 };
  for (const volume of volumes) {
    total.count += volume?.count ?? 0;
    total.minor += volume?.minor ?? 0;
  }
  return total;
}

function average(volume: Volume): number | null {
  return volume.count === 0 ? null : volume.minor / volume.count / 100;
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

function hundredths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
