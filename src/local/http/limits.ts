/** Bounds of the front door: what API Gateway has, and what keeps one client from holding all of this process. */
export interface HttpLimits {
  /** Bytes of a body. */
  bodyBytes: number;
  /** Bytes of the request line and the headers together. */
  headerBytes: number;
  /** Bytes of an event for a function. */
  eventBytes: number;
  /** Time until the headers of a request are here, from the first byte or from the opening of the connection. */
  headersMs: number;
  /** Time until a request is here whole. */
  requestMs: number;
  /** Time in which nothing comes and nothing goes, though nothing is being made for it: a client that does not read. */
  idleMs: number;
  /** How often slow connections are looked for. */
  checkMs: number;
  /** Time that the rest of a request which was answered early may take; it is read and dropped. */
  lingerMs: number;
  /** Connections at a time; more are closed as they come. */
  connections: number;
  /** Requests of one connection that wait for their answers. */
  pipelined: number;
  /** Requests that functions work on at a time: as many invocations run at once in an account without a raised quota. */
  invocations: number;
  /** Bytes of all bodies that are on their way or being handled. */
  bodiesBytes: number;
  /** Bytes of all answers that their clients have not read yet. */
  answersBytes: number;
}

/**
 * The first two are quotas of HTTP APIs (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html), the
 * third is Lambda's (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). AWS names no figures for the
 * others, and has them.
 */
export const HTTP_LIMITS: Readonly<HttpLimits> = {
  bodyBytes: 10 * 1024 * 1024,
  headerBytes: 10_240,
  eventBytes: 6 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  checkMs: 1_000,
  lingerMs: 2_000,
  connections: 4_096,
  pipelined: 64,
  invocations: 1_000,
  bodiesBytes: 128 * 1024 * 1024,
  answersBytes: 256 * 1024 * 1024,
};
