import { addDays } from '../calendar/calendar.ts';
import type { TwinConfig } from '../config.ts';
import { EMPLOYERS, FIRST_NAMES, LAST_NAMES, OCCUPATIONS, STREET_KINDS, STREETS } from '../data/names.ts';
import { phoneOf } from '../data/phones.ts';
import { PLACES, type Place } from '../data/places.ts';
import { Stream } from '../random/stream.ts';

export type EmploymentStatus = (typeof STATUSES)[number]['status'];

/** A synthetic person: what CreateCustomer is told. */
export interface Member {
  /** 0 for the first. */
  index: number;
  /** `CUST-000001` for index 0. */
  externalRef: string;
  firstName: string;
  lastName: string;
  /** At least 18 years before the tenant is set up. */
  dateOfBirth: string;
  /** At a domain reserved for examples; unique, as it ends in the member's number. */
  email: string;
  /** E.164, from ACMA's numbers for fiction; unique. */
  phone: string;
  streetLine: string;
  place: Place;
  status: EmploymentStatus;
  employed: boolean;
  employer: string | null;
  occupation: string | null;
  annualIncomeMinor: number;
  creditScore: number;
}

/**
 * Weights per hundred members and gross pay per week. Unemployed are 4 % of the labour force (3.2 of 80.2), the seed's
 * normal economy; the median of those employed is the published $1,425 a week, whatever their hours.
 */
// prettier-ignore
const STATUSES = [
  { status: 'FULL_TIME', weight: 47, employed: true, weeklyMedian: 1_830, sigma: 0.42, ages: [20, 66] },
  { status: 'PART_TIME', weight: 17, employed: true, weeklyMedian: 800, sigma: 0.45, ages: [18, 68] },
  { status: 'CASUAL', weight: 7, employed: true, weeklyMedian: 700, sigma: 0.45, ages: [18, 60] },
  { status: 'SELF_EMPLOYED', weight: 6, employed: true, weeklyMedian: 1_300, sigma: 0.5, ages: [24, 70] },
  { status: 'UNEMPLOYED', weight: 3.2, employed: false, weeklyMedian: 400, sigma: 0.06, ages: [18, 64] },
  { status: 'RETIRED', weight: 13, employed: false, weeklyMedian: 620, sigma: 0.25, ages: [66, 89] },
  { status: 'STUDENT', weight: 4, employed: false, weeklyMedian: 370, sigma: 0.2, ages: [18, 27] },
  { status: 'HOME_DUTIES', weight: 2.8, employed: false, weeklyMedian: 450, sigma: 0.2, ages: [25, 60] },
] as const;

const MAIL_DOMAINS = ['example.com', 'example.org', 'example.net'] as const;
/** Days in a year, and some to spare so that a leap day never makes anyone a minor. */
const DAYS_A_YEAR = 365.25;
const SPARE_DAYS = 3;

/** The member of an index; a pure function of the run's seed, tenant and start. */
export function memberOf(config: Pick<TwinConfig, 'seed' | 'tenantId' | 'start'>, index: number): Member {
  const stream = new Stream({ seed: config.seed, tenantId: config.tenantId, member: index, purpose: 'person' });
  const slot = phoneOf(index);
  const place = stream.pick(PLACES[stream.weighted(slot.states).state]);
  const firstName = stream.pick(FIRST_NAMES);
  const lastName = stream.pick(LAST_NAMES);
  const work = stream.weighted(STATUSES);
  const age = stream.between(work.ages[0], work.ages[1]);
  const number = String(index + 1).padStart(6, '0');
  const weekly = stream.logNormal(work.weeklyMedian, work.sigma);
  return {
    index,
    externalRef: `CUST-${number}`,
    firstName,
    lastName,
    dateOfBirth: addDays(config.start, -Math.ceil(age * DAYS_A_YEAR) - SPARE_DAYS),
    email: `${firstName}.${lastName}.${number}@${stream.pick(MAIL_DOMAINS)}`.toLowerCase(),
    phone: slot.phone,
    streetLine: `${stream.int(1, 280)} ${stream.pick(STREETS)} ${stream.pick(STREET_KINDS)}`,
    place,
    status: work.status,
    employed: work.employed,
    employer: work.employed && work.status !== 'SELF_EMPLOYED' ? stream.pick(EMPLOYERS) : null,
    occupation: work.employed ? stream.pick(OCCUPATIONS) : null,
    // Whole hundreds of dollars a year: what people write on a form.
    annualIncomeMinor: Math.round((weekly * 52) / 100) * 100 * 100,
    // Older members have longer histories: 20 points between 20 and 60.
    creditScore: Math.round(Math.min(1_150, Math.max(350, 690 + age / 2 + 80 * stream.normal()))),
  };
}
