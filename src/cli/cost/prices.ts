/**
 * The one price table: what AWS asks for in us-east-1, in US dollars, without free tiers, discounts and taxes.
 * Researched in November 2026 from the public price lists of DynamoDB, Kinesis, Lambda, API Gateway, CloudWatch, X-Ray and Step Functions.
 * Sydney (ap-southeast-2) asks about 14 % more for DynamoDB.
 */
export const PRICES = {
  region: 'us-east-1',
  asOf: '2026-11',
  currency: 'USD',
  /** DynamoDB on demand. */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** Of a table, for a month; and its backups to any second. */
  storageGbMonth: 0.25,
  backupGbMonth: 0.2,
  /** A change that DynamoDB hands to Kinesis, per KB begun of the item. */
  changeDataCaptureUnit: 0.1 / 1e6,
  /** Kinesis with provisioned shards: a record counts one unit for each 25 KB begun. */
  kinesisPutUnit: 0.014 / 1e6,
  kinesisShardHour: 0.015,
  /** HTTP API, per request of up to 512 KB. */
  apiRequest: 1 / 1e6,
  /** Lambda on arm64. */
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  /** CloudWatch Logs, taken in. */
  logGb: 0.5,
  /** X-Ray, a trace that is kept. */
  trace: 5 / 1e6,
  /** Step Functions, Standard workflows. */
  stateTransition: 0.025 / 1e3,
} as const;
