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
} as const;

/** Chains of a tenant beside its catalog, set when the tenant is created. */
export const DEFAULT_CHAINS = 16;
