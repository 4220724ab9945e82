/** Every limit a client can meet, in one place. */
export const LIMITS = {
  /** Bytes of a request body for one command. */
  commandBytes: 256 * 1024,
  /** Bytes of a request body for a batch (a Lambda invocation takes 6 MB). */
  batchBytes: 5 * 1024 * 1024,
  /** Envelopes in one batch. */
  batchCommands: 1000,
  /** Legs of one entry. */
  legs: 100,
  /** Legs of all entries of a batch: a leg is an event in the answer, and a Lambda function answers 6 MB. */
  batchLegs: 25_000,
  /** Faults that a refusal names, and characters of the path of each: the sender chooses both, a thousand times in a batch. */
  faults: 16,
  faultPathLength: 64,
  tags: 32,
  tagKeyLength: 64,
  tagValueLength: 256,
  textLength: 256,
  narrativeLength: 512,
  /** UTF-8 bytes of a metadata object as JSON. */
  metadataBytes: 4096,
  metadataLevels: 16,
  idempotencyKeyLength: 256,
  /** Rows of one page of a list. */
  pageRows: 1000,
  /** Lines of a chain in one answer, and bytes that they may have in a Lambda function's answer, which takes 6 MB. */
  chainLines: 1000,
  chainLinesBytes: 4 * 1024 * 1024,
} as const;

/** Chains of a tenant beside its catalog, set when the tenant is created. */
export const DEFAULT_CHAINS = 16;
