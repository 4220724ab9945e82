import type { Archetype } from '../archetypes/archetype.ts';
import type { ProductTerms } from '../archetypes/product-terms.ts';
import type { CalendarDay } from '../calendar/calendar.ts';
import type { TwinConfig } from '../config.ts';
import type { Member } from '../population/member.ts';
import { Stream } from '../random/stream.ts';
import type { Expectation } from './intent.ts';

/** What a member's application for a loan will be, and how it will go. */
export interface LoanApplication {
  member: number;
  day: number;
  principalMinor: number;
  termMonths: number;
  expect: Expectation;
  /** Will miss the repayments: the arrears setting. */
  arrears: boolean;
}

/**
 * Who applies for a loan, when, and with which result: exactly the archetype's number of applications and share of
 * approvals, as far as there are members. Those refused fail a criterion honestly: too little income, too low a score,
 * or they ask for more than the income bears. A member applies once in a run.
 */
export function lendingPlan(
  config: TwinConfig,
  options: { archetype: Archetype; terms: ProductTerms; members: readonly Member[]; days: readonly CalendarDay[] },
): Map<number, LoanApplication> {
  const { archetype, terms, members, days } = options;
  const wanted = Math.min(
    members.length,
    Math.round((archetype.loanApplicationsPerMember * config.members * config.days) / 30),
  );
  const approvals = Math.round(wanted * archetype.loanApprovalShare);
  const businessDays = days.filter((day) => day.business);
  const candidates = members
    .map((member) => ({ member, stream: streamOf(config, member.index) }))
    .map((candidate) => ({ ...candidate, rank: candidate.stream.unit() }))
    .toSorted((left, right) => left.rank - right.rank);
  const applications: LoanApplication[] = [];
  const quota = { approved: approvals, weak: Math.ceil((wanted - approvals) * WEAK_SHARE), overreaching: 0 };
  quota.overreaching = wanted - approvals - quota.weak;
  for (const { member, stream } of candidates) {
    if (applications.length === wanted) break;
    const fault = faultOf(member, terms);
    const kind = fault ? 'weak' : quota.approved > 0 ? 'approved' : 'overreaching';
    const principalMinor =
      kind === 'overreaching' ? tooMuchFor(member, { terms, stream }) : wishOf(member, { terms, stream });
    if (quota[kind] === 0 || principalMinor === undefined) continue;
    quota[kind] -= 1;
    applications.push({
      member: member.index,
      day: stream.pick(businessDays.length > 0 ? businessDays : days).day,
      principalMinor,
      termMonths: stream.pick(terms.loan.terms),
      expect: fault ?? (kind === 'overreaching' ? 'DebtToIncomeTooHigh' : 'ACCEPTED'),
      arrears: false,
    });
  }
  markArrears(applications, config.arrearsRate);
  return new Map(applications.map((application) => [application.member, application]));
}

/** Of the refused, those whose income or score is too low; the others ask for too much. */
const WEAK_SHARE = 0.6;
/** Approved loans stay clear of the limit of 0.40. */
const SAFE_DEBT_TO_INCOME = 0.35;
const MEDIAN_PRINCIPAL_MINOR = 500_000;

function streamOf(config: TwinConfig, member: number): Stream {
  return new Stream({ seed: config.seed, tenantId: config.tenantId, member, purpose: 'lending' });
}

/** The ledger's criteria in the ledger's order. */
function faultOf(member: Member, terms: ProductTerms): 'IncomeTooLow' | 'CreditScoreTooLow' | undefined {
  if (member.annualIncomeMinor < terms.loan.minIncomeMinor) return 'IncomeTooLow';
  if (member.creditScore < terms.loan.minCreditScore) return 'CreditScoreTooLow';
  return undefined;
}

/** What the member would like, no more than the income bears; whole hundreds of dollars, within the product's range. */
function wishOf(member: Member, options: { terms: ProductTerms; stream: Stream }): number {
  const { terms, stream } = options;
  const wishMinor = Math.min(
    stream.logNormal(MEDIAN_PRINCIPAL_MINOR, 0.6),
    member.annualIncomeMinor * SAFE_DEBT_TO_INCOME,
  );
  return Math.min(terms.loan.mostMinor, Math.max(terms.loan.leastMinor, hundreds(wishMinor)));
}

/** More than the income bears, but an amount that the product offers; none where the income bears any such amount. */
function tooMuchFor(member: Member, options: { terms: ProductTerms; stream: Stream }): number | undefined {
  const { terms, stream } = options;
  const amountMinor = hundreds(member.annualIncomeMinor * stream.between(1.2, 2) * terms.loan.maxDebtToIncome);
  return amountMinor >= terms.loan.leastMinor && amountMinor <= terms.loan.mostMinor ? amountMinor : undefined;
}

function hundreds(amountMinor: number): number {
  return Math.floor(amountMinor / 10_000) * 10_000;
}

/** The first ones approved, in the order of the draw: any would do, as that order is random. */
function markArrears(applications: LoanApplication[], arrearsRate: number): void {
  const approved = applications.filter((application) => application.expect === 'ACCEPTED');
  for (const application of approved.slice(0, Math.round(approved.length * arrearsRate))) application.arrears = true;
}
