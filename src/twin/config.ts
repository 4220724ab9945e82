/** Everything that decides a run: two runs with equal settings send equal commands. */
export interface TwinConfig {
  /** Name of this execution; stands in no command, so that it does not change the journal. */
  runId: string;
  /** Tenant code and archetype, such as `CU_DIGITAL`. */
  tenantId: string;
  /** 1 to 64 printable ASCII characters: it is the beginning of every idempotency key. */
  seed: string;
  members: number;
  /** Simulated days, the first being `start`. */
  days: number;
  /** First simulated day, ISO 8601. The tenant is set up on the day before. */
  start: string;
  /** Activities that post at the same time, each to two chains. Changes the speed only. */
  workers: number;
  /** Share of card purchases that are fraud (a demo setting, 0.001 in the seed). */
  fraudRate: number;
  /** Share of loans that miss their repayments (a demo setting, 0.02 in the seed). */
  arrearsRate: number;
}

/** `2025-01-02` and 30 days end on 31 January, so that a month end falls inside. */
export const DEFAULT_CONFIG = {
  tenantId: 'CU_DIGITAL',
  seed: '42',
  members: 500,
  days: 30,
  start: '2025-01-02',
  workers: 4,
  fraudRate: 0.001,
  arrearsRate: 0.02,
} as const satisfies Omit<TwinConfig, 'runId'>;

/** Bounds of a run; 75,000 is what the fictional telephone numbers reach to. */
export const CONFIG_LIMITS = { members: 75_000, days: 3_660, workers: 16 } as const;

/** What a caller may leave out: everything but the run's name. */
export type TwinInput = Pick<TwinConfig, 'runId'> &
  Partial<Omit<TwinConfig, 'runId' | 'seed'>> & { seed?: string | number };

/**
 * Fills in the defaults and checks the bounds.
 * @throws RangeError that names the first setting out of bounds
 */
export function twinConfig(input: TwinInput): TwinConfig {
  const config: TwinConfig = {
    ...DEFAULT_CONFIG,
    ...withoutUndefined(input),
    seed: String(input.seed ?? DEFAULT_CONFIG.seed),
  };
  if (typeof config.runId !== 'string' || config.runId === '')
    throw new RangeError('Give the run a name: "runId" is empty');
  if (!/^[ -~]{1,64}$/.test(config.seed))
    throw new RangeError(`Give "seed" as 1 to 64 plain characters: it is "${config.seed}"`);
  wholeNumber('members', config.members, CONFIG_LIMITS.members);
  wholeNumber('days', config.days, CONFIG_LIMITS.days);
  wholeNumber('workers', config.workers, CONFIG_LIMITS.workers);
  share('fraudRate', config.fraudRate);
  share('arrearsRate', config.arrearsRate);
  if (!isDate(config.start)) throw new RangeError(`Give "start" as a date such as 2025-01-02: it is "${config.start}"`);
  return config;
}

function withoutUndefined(input: TwinInput): TwinInput {
  // Leaves out what is undefined, so that it cannot hide a default; the keys stay those of the input.
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as TwinInput;
}

function wholeNumber(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`Give "${name}" as a whole number from 1 to ${most}: it is "${value}"`);
  }
}

function share(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`Give "${name}" as a share from 0 to 1: it is "${value}"`);
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
