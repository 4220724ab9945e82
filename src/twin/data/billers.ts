import type { ExpenditureGroup } from './spending.ts';

/** A regular payment: by direct debit on its day, or by BPAY. */
export interface Biller {
  category: string;
  group: ExpenditureGroup;
  rail: 'DIRECT_ENTRY' | 'BPAY';
  /** Invented names. */
  names: readonly string[];
  /** Share of members who pay it from this account. */
  share: number;
  cycle: 'WEEKLY' | 'FORTNIGHTLY' | 'MONTHLY' | 'QUARTERLY';
  /** Dollars a payment; log-normal. */
  median: number;
  sigma: number;
}

/** Bills beside rent and mortgage, which follow the member's income. */
// prettier-ignore
export const BILLERS: readonly Biller[] = [
  { category: 'ELECTRICITY', group: 'power', rail: 'BPAY', names: ['GUMLIGHT ENERGY', 'BRIGHTBROLGA POWER'], share: 0.58, cycle: 'MONTHLY', median: 105, sigma: 0.35 },
  { category: 'GAS', group: 'power', rail: 'BPAY', names: ['EMBERFLOW GAS'], share: 0.38, cycle: 'QUARTERLY', median: 130, sigma: 0.4 },
  { category: 'WATER', group: 'housing', rail: 'BPAY', names: ['RIVERQUOLL WATER'], share: 0.4, cycle: 'QUARTERLY', median: 190, sigma: 0.35 },
  { category: 'COUNCIL_RATES', group: 'housing', rail: 'BPAY', names: ['SHIRE OF SALTFERN', 'KURRABROOK CITY RATES'], share: 0.45, cycle: 'QUARTERLY', median: 380, sigma: 0.25 },
  { category: 'MOBILE_PHONE', group: 'communication', rail: 'DIRECT_ENTRY', names: ['BUSHTEL', 'TALKATOO MOBILE'], share: 0.45, cycle: 'MONTHLY', median: 42, sigma: 0.3 },
  { category: 'MOBILE_PHONE', group: 'communication', rail: 'BPAY', names: ['MAGPIE MOBILE'], share: 0.3, cycle: 'MONTHLY', median: 45, sigma: 0.3 },
  { category: 'INTERNET', group: 'communication', rail: 'DIRECT_ENTRY', names: ['FIBREFERN', 'BROADBAND BILBY'], share: 0.45, cycle: 'MONTHLY', median: 79, sigma: 0.15 },
  { category: 'HEALTH_INSURANCE', group: 'medical', rail: 'DIRECT_ENTRY', names: ['WATTLECREST HEALTH FUND'], share: 0.36, cycle: 'MONTHLY', median: 140, sigma: 0.3 },
  { category: 'MOTOR_INSURANCE', group: 'transport', rail: 'DIRECT_ENTRY', names: ['ROOBAR INSURANCE', 'STEADFERN MUTUAL'], share: 0.45, cycle: 'MONTHLY', median: 92, sigma: 0.3 },
  { category: 'HOME_INSURANCE', group: 'miscellaneous', rail: 'DIRECT_ENTRY', names: ['STEADFERN MUTUAL', 'HEARTH & HOLLOW INSURANCE'], share: 0.38, cycle: 'MONTHLY', median: 110, sigma: 0.3 },
  { category: 'REGISTRATION', group: 'transport', rail: 'BPAY', names: ['STATE ROADS REGISTRY (SYNTHETIC)'], share: 0.3, cycle: 'QUARTERLY', median: 260, sigma: 0.3 },
  { category: 'GYM', group: 'recreation', rail: 'DIRECT_ENTRY', names: ['LIFT & LYREBIRD GYM', 'PLANK PLACE'], share: 0.2, cycle: 'FORTNIGHTLY', median: 33, sigma: 0.25 },
  { category: 'PAY_TV', group: 'recreation', rail: 'DIRECT_ENTRY', names: ['KOOKAVISION'], share: 0.2, cycle: 'MONTHLY', median: 55, sigma: 0.3 },
  { category: 'CHILD_CARE', group: 'services', rail: 'DIRECT_ENTRY', names: ['GUMNUT EARLY LEARNING'], share: 0.14, cycle: 'FORTNIGHTLY', median: 180, sigma: 0.35 },
  { category: 'SCHOOL_FEES', group: 'education', rail: 'BPAY', names: ['ST POTOROO COLLEGE', 'LAMPLIGHT GRAMMAR'], share: 0.16, cycle: 'MONTHLY', median: 250, sigma: 0.5 },
];
