/** What an AWS service answered instead of a result. */
export class ServiceError extends Error {
  /** Names the kind, as AWS's documentation does: `ConditionalCheckFailedException`. */
  override readonly name: string;
  readonly status: number;
  readonly requestId: string | undefined;
  /** Of a `TransactionCanceledException`: one for each item, `None` where the item was not the cause. */
  readonly cancellationReasons: readonly CancellationReason[];

  constructor(options: {
    name: string;
    message: string;
    status: number;
    requestId?: string | undefined;
    cancellationReasons?: readonly CancellationReason[];
  }) {
    super(options.message);
    this.name = options.name;
    this.status = options.status;
    this.requestId = options.requestId;
    this.cancellationReasons = options.cancellationReasons ?? [];
  }
}

export interface CancellationReason {
  Code?: string;
  Message?: string;
}

/** Something is not set without which nothing can be asked. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}
