import { currencyExponent, toMinor } from '../contract/currency.ts';
import type { CommandEnvelope, CommandOf } from '../contract/envelope.ts';
import type { Sha256 } from '../core/chain/hash.ts';
import type { Claim, Command, CommandMeta } from '../core/command.ts';
import type { Tenant } from '../core/tenant/tenant.ts';
import { payloadDigest } from './payload-digest.ts';

/** What is wrong with a request, and where: `payload.legs[0].amount`. */
export interface Fault {
  path: string;
  message: string;
}

export type Normalised = { command: Command } | { faults: Fault[] };

/**
 * Turns a valid envelope into a command of the core: amounts become minor units of the tenant's currency, the key and
 * the payload become digests.
 * @param options.tenant undefined only for CreateTenant
 * @param options.chains how many a tenant is created with
 */
export function normalise(
  envelope: CommandEnvelope,
  options: { tenant: Tenant | undefined; sha256: Sha256; chains: number },
): Normalised {
  const { tenant, sha256, chains } = options;
  const minor = new MinorUnits(tenant?.currencyExponent ?? 0, tenant?.baseCurrency ?? '');
  const command = { ...metaOf(envelope, sha256), ...bodyOf(envelope, { minor, sha256, chains }) };
  if (envelope.commandType === 'CreateTenant' && envelope.payload.tenantCode !== envelope.tenantId) {
    minor.faults.push({
      path: 'payload.tenantCode',
      message: `Expected "${envelope.tenantId}", the tenant of the envelope`,
    });
  }
  return minor.faults.length > 0 ? { faults: minor.faults } : { command };
}

function metaOf(envelope: CommandEnvelope, sha256: Sha256): CommandMeta {
  const { commandId, tenantId, actor, timestamp, idempotencyKey } = envelope;
  return {
    commandId,
    occurredAt: timestamp,
    actor: `${actor.actorType}:${actor.actorId}`,
    key: sha256(`${tenantId}\n${idempotencyKey ?? commandId}`).slice(0, 32),
    digest: payloadDigest(envelope, sha256),
  };
}

type Body = Command extends infer Each ? (Each extends Command ? Omit<Each, keyof CommandMeta> : never) : never;

function bodyOf(
  envelope: CommandEnvelope,
  { minor, sha256, chains }: { minor: MinorUnits; sha256: Sha256; chains: number },
): Body {
  switch (envelope.commandType) {
    case 'CreateTenant':
      return {
        type: 'CreateTenant',
        payload: envelope.payload,
        currencyExponent: currencyExponent(envelope.payload.baseCurrency),
        chains,
      };
    case 'UpsertProduct':
      return { type: 'UpsertProduct', payload: productOf(envelope, minor) };
    case 'CreateCustomer':
      return { type: 'CreateCustomer', payload: customerOf(envelope, minor), claims: claimsOf(envelope, sha256) };
    case 'OpenAccount': {
      const { customerId, productCode, currency, accountAlias, accountPurpose, initialDeposit, loan } =
        envelope.payload;
      return {
        type: 'OpenAccount',
        payload: {
          customerId,
          productCode,
          currency,
          accountAlias,
          accountPurpose,
          initialDepositMinor: minor.of(initialDeposit, 'payload.initialDeposit') ?? 0,
          loan: loan && {
            principalMinor: minor.of(loan.principal, 'payload.loan.principal'),
            termMonths: loan.termMonths,
          },
        },
      };
    }
    case 'PostEntry': {
      const { bookingDate, valueDate, currency, legs, narrative, tags, metadata, closes } = envelope.payload;
      return {
        type: 'PostEntry',
        payload: {
          entry: {
            bookingDate,
            valueDate,
            currency,
            legs: legs.map(({ accountId, direction, amount }, index) => ({
              accountId,
              direction,
              amountMinor: minor.of(amount, `payload.legs[${index}].amount`) ?? 0,
            })),
            narrative,
            tags,
            metadata,
          },
          closes: closes ?? [],
        },
      };
    }
    default:
      return envelope satisfies never;
  }
}

function productOf(
  { payload }: CommandOf<'UpsertProduct'>,
  minor: MinorUnits,
): Extract<Body, { type: 'UpsertProduct' }>['payload'] {
  const { interest, fees, constraints, creditCriteria } = payload;
  const bonus = interest.bonusConditions;
  const fee = (name: keyof NonNullable<typeof fees>) => minor.of(fees?.[name], `payload.fees.${name}`);
  const bound = (name: 'minBalance' | 'overdraftLimit' | 'minAmount') =>
    minor.of(constraints?.[name], `payload.constraints.${name}`);
  const limit = (name: 'maxBalance' | 'maxAmount') => {
    const value = constraints?.[name];
    return value === null ? null : minor.of(value, `payload.constraints.${name}`);
  };
  return {
    productCode: payload.productCode,
    name: payload.name,
    productType: payload.productType,
    category: payload.category,
    status: payload.status ?? 'ACTIVE',
    interest: {
      rate: interest.rate,
      baseRate: interest.baseRate,
      bonusRate: interest.bonusRate,
      bonusConditions: bonus && {
        minMonthlyDepositMinor: minor.of(bonus.minMonthlyDeposit, 'payload.interest.bonusConditions.minMonthlyDeposit'),
        maxMonthlyWithdrawals: bonus.maxMonthlyWithdrawals,
      },
      calculationMethod: interest.calculationMethod,
      paymentFrequency: interest.paymentFrequency,
    },
    fees: fees && {
      monthlyFeeMinor: fee('monthlyFee'),
      atmFeeOwnMinor: fee('atmFeeOwn'),
      atmFeeOtherMinor: fee('atmFeeOther'),
      establishmentFeeMinor: fee('establishmentFee'),
      latePaymentFeeMinor: fee('latePaymentFee'),
      earlyWithdrawalFeeMinor: fee('earlyWithdrawalFee'),
    },
    constraints: constraints && {
      minBalanceMinor: bound('minBalance'),
      maxBalanceMinor: limit('maxBalance'),
      allowOverdraft: constraints.allowOverdraft,
      overdraftLimitMinor: bound('overdraftLimit'),
      minAmountMinor: bound('minAmount'),
      maxAmountMinor: limit('maxAmount'),
      termMonthsDefault: constraints.termMonthsDefault,
      termMonthsOptions: constraints.termMonthsOptions,
    },
    features: payload.features,
    creditCriteria: creditCriteria && {
      minIncomeMinor: minor.of(creditCriteria.minIncome, 'payload.creditCriteria.minIncome'),
      maxDtiRatio: creditCriteria.maxDtiRatio,
      minCreditScore: creditCriteria.minCreditScore,
    },
  };
}

function customerOf(
  { payload }: CommandOf<'CreateCustomer'>,
  minor: MinorUnits,
): Extract<Body, { type: 'CreateCustomer' }>['payload'] {
  const { externalRef, person, address, employment, riskProfile, metadata } = payload;
  return {
    externalRef,
    person,
    address,
    employment: employment && {
      status: employment.status,
      employer: employment.employer,
      occupation: employment.occupation,
      annualIncomeMinor: minor.of(employment.annualIncome, 'payload.employment.annualIncome'),
    },
    riskProfile,
    metadata,
  };
}

/** Email addresses are compared without regard to case, which no mail provider tells apart. */
function claimsOf({ payload }: CommandOf<'CreateCustomer'>, sha256: Sha256): Claim[] {
  const values: [Claim['kind'], string | undefined][] = [
    ['email', payload.person.email.toLowerCase()],
    ['mobile', payload.person.mobile],
    ['externalRef', payload.externalRef],
  ];
  return values.flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, digest: sha256(value) }]));
}

/** Converts amounts and collects a fault for each that is no whole number of minor units. */
class MinorUnits {
  readonly faults: Fault[] = [];
  readonly #exponent: number;
  readonly #currency: string;

  constructor(exponent: number, currency: string) {
    this.#exponent = exponent;
    this.#currency = currency;
  }

  of(amount: number | undefined, path: string): number | undefined {
    if (amount === undefined) return undefined;
    const value = toMinor(amount, this.#exponent);
    if (value === undefined) {
      this.faults.push({
        path,
        message: `Expected an amount of at most ${this.#exponent} decimals (${this.#currency}) that a JSON number holds exactly, got ${amount}`,
      });
    }
    return value;
  }
}
