import type { RequestOptions } from './requests.ts';

/** What a load generator is told once. */
export interface LoadTarget extends RequestOptions {
  url: string;
  prefix: string;
  token: string;
  connections: number;
}

/** A stretch of load. */
export type LoadPhase =
  /** So many requests in flight at any time: the next is sent when one is answered. */
  | { kind: 'closed'; inFlight: number; seconds: number }
  /** So many requests a second, whether answers come or not; latency counts from when a request should have gone out. */
  | { kind: 'open'; ratePerSecond: number; seconds: number };

export interface LoadResult {
  requests: number;
  /** Commands by what became of them. Failed: the request was not answered with 200 or 202. */
  accepted: number;
  refused: number;
  failed: number;
  /** The first answers that were not all accepted, cut short. */
  complaints: string[];
  /** From the first request to the last answer. */
  elapsedMs: number;
  /** Of each request, in the order of the answers. */
  latenciesMs: Float64Array;
  /** Commands accepted in each second of the phase. */
  acceptedBySecond: number[];
  /** CPU seconds of the generator. */
  cpuSeconds: number;
}

export type ToGenerator = { kind: 'target'; target: LoadTarget } | { kind: 'run'; phase: LoadPhase };
export type FromGenerator = { kind: 'ready' } | { kind: 'result'; result: LoadResult };
