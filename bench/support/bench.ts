/** What every benchmark of the suite is. The `index.ts` of its folder exports it as `bench`. */
export interface Bench {
  /** Name of its folder, and of `--only`. */
  name: string;
  title: string;
  run(context: BenchContext): Promise<BenchOutcome>;
}

export interface BenchContext {
  /** Whether the long form is wanted. */
  full: boolean;
  /** A new folder on disk for this benchmark alone, removed after it. */
  workDir: string;
  /** Tells the user what is going on; nothing of it is kept. */
  say(line: string): void;
}

export interface BenchOutcome {
  figures: Figure[];
  /** What the figures alone do not tell: kept in the results file as it stands, JSON. */
  details?: unknown;
}

/** One measured quantity. */
export interface Figure {
  /** Unique within the suite and the same in every run, such as `write path, one thread`. */
  name: string;
  /** `PostEntry/s`, `ms`, `US$ per million`, … */
  unit: string;
  /** One value a run; the figure is their median. */
  samples: number[];
  /** How it was measured, in one sentence. */
  method: string;
  target?: Target;
}

/** What is asked for. Exactly one of the two bounds is set; a goal lies beyond it. */
export interface Target {
  atLeast?: number;
  atMost?: number;
  goal?: number;
  /** Set by the benchmark itself; the others are those that the project is held to. */
  own?: true;
}

/** A line of the comparison with other stores: `details` of the benchmark `peers` is a list of them. */
export interface PeerRow {
  /** Such as `PostgreSQL 17, one statement a posting`. */
  peer: string;
  /** Version, settings and driver, as its documentation recommends them. */
  setting: string;
  /** Requests in flight. */
  concurrency: number;
  /** Postings a request or transaction carries. */
  batch: number;
  /** Median over the runs; absent where the peer could not be measured. */
  postingsPerSecond?: number;
  /** Of a request or transaction, whatever it carries. */
  p99Ms?: number;
  /** Why there is no figure, in the peer's or the installer's own words. */
  error?: string;
}

/**
 * How speed holds while the journal grows, with all samples: `details` of the benchmark `growth`. A list stays empty where it was
 * not measured.
 */
export interface GrowthDetails {
  /** Commands a second by the number of events in the journal before. */
  throughput: { events: number; commandsPerSecond: number[] }[];
  /** Time of one page of a list by its offset. */
  lists: { list: string; offset: number; milliseconds: number[] }[];
  /** Time until a cold replica of a chain may decide, by the chain's length. */
  replicas: { events: number; milliseconds: number[] }[];
}
