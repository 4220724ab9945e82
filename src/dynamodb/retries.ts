import { BrokenAnswerError, ConnectionLostError } from './connections.ts';
import { ServiceError } from './errors.ts';

/** Says whether, and after how long, a failed attempt is followed by another. */
export interface Retries {
  /** @returns undefined when the error is to be told. @param attempt number of the attempt that failed, from 1 */
  after(error: unknown, attempt: number): Retry | undefined;
  /** Gives back what the last retry of a call cost, after it succeeded, or a little after a call without any. */
  succeeded(last: Retry | undefined): void;
}

export interface Retry {
  delayMs: number;
  /** Taken from the budget. */
  cost: number;
}

/**
 * The AWS SDK's standard mode, whose values these are: what the calling code was written and tested with.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const BUDGET = 500;
const FAULT_COST = 14;
const THROTTLING_COST = 5;
const THROTTLING_BASE_MS = 1_000;
const DELAY_MAX_MS = 20_000;

const THROTTLING = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
const PASSING_STATUS = new Set([500, 502, 503, 504]);
const PASSING = new Set(['RequestTimeout', 'RequestTimeoutException']);

/**
 * Retries of all calls that share a budget: when most of them fail, retries stop, so that an outage is not met with four times
 * the load. A retry of a conditional write whose first answer was lost may fail on its own success; callers read what stands.
 */
export function createRetries(options: { maxAttempts: number; baseMs: number; random: () => number }): Retries {
  let budget = BUDGET;
  return {
    after(error, attempt) {
      const kind = kindOf(error);
      if (kind === undefined || attempt >= options.maxAttempts) return undefined;
      if (kind === 'stale' && attempt === 1) return { delayMs: 0, cost: 0 };
      const cost = kind === 'throttling' ? THROTTLING_COST : FAULT_COST;
      if (budget < cost) return undefined;
      budget -= cost;
      const baseMs = kind === 'throttling' ? THROTTLING_BASE_MS : options.baseMs;
      const mostMs = Math.min(DELAY_MAX_MS, baseMs * 2 ** (attempt - 1));
      return { delayMs: Math.floor(options.random() * mostMs), cost };
    },
    succeeded(last) {
      budget = Math.min(BUDGET, budget + (last?.cost ?? 1));
    },
  };
}

function kindOf(error: unknown): 'stale' | 'throttling' | 'fault' | undefined {
  if (error instanceof ConnectionLostError) return error.stale ? 'stale' : 'fault';
  if (error instanceof BrokenAnswerError) return 'fault';
  if (!(error instanceof ServiceError)) return undefined;
  if (error.status === 429 || THROTTLING.has(error.name)) return 'throttling';
  return PASSING_STATUS.has(error.status) || PASSING.has(error.name) ? 'fault' : undefined;
}
