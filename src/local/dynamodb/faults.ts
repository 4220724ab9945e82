import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What may go wrong with one request, as it does in AWS and never in the embedded engine. */
export type Fault =
  /** Refused before it reaches the engine: ProvisionedThroughputExceededException. */
  | { kind: 'throttle' }
  /** Refused before it reaches the engine: TransactionConflict, in the wording of the operation. */
  | { kind: 'conflict' }
  /** Done by the engine, and the connection closed before the answer. */
  | { kind: 'lost-answer' }
  /** The connection closed before the engine sees the request. */
  | { kind: 'reset' }
  /** BatchWriteItem only: the last item is handed back as unprocessed. */
  | { kind: 'unprocessed' }
  | { kind: 'delay'; delayMs: number };

export interface FaultedRequest {
  operation: string;
  body: Buffer;
}

/** Chooses the fault of a request, if any. */
export type FaultPlan = (request: FaultedRequest) => Fault | undefined;

export interface FaultRates {
  throttle?: number;
  conflict?: number;
  lostAnswer?: number;
  reset?: number;
  unprocessed?: number;
  delay?: number;
  /** Longest delay; each is drawn evenly between 0 and this. */
  delayMs?: number;
}

/** Faults drawn with the given probabilities (0 to 1) from a seed: the same requests in the same order meet the same faults. */
export function seededFaults(options: { seed: number; rates: FaultRates; operations?: readonly string[] }): FaultPlan {
  const { seed, rates, operations } = options;
  const generator = xoroshiro128plus(seed);
  const draw = () => (generator.next() >>> 0) / 2 ** 32;
  return ({ operation }) => {
    if (operations !== undefined && !operations.includes(operation)) return undefined;
    let point = draw();
    const chosen = (rate = 0) => {
      point -= rate;
      return point < 0;
    };
    if (chosen(rates.throttle)) return { kind: 'throttle' };
    if (chosen(rates.conflict)) return { kind: 'conflict' };
    if (chosen(rates.lostAnswer)) return { kind: 'lost-answer' };
    if (chosen(rates.reset)) return { kind: 'reset' };
    if (chosen(rates.unprocessed)) return { kind: 'unprocessed' };
    if (chosen(rates.delay)) return { kind: 'delay', delayMs: draw() * (rates.delayMs ?? 100) };
    return undefined;
  };
}

/** The answer of a refused request, in the engine's wire format; undefined when the fault is none of the answer's. */
export function faultAnswer(fault: Fault, operation: string): { status: number; body: string } | undefined {
  if (fault.kind === 'throttle') {
    return refusal(
      'ProvisionedThroughputExceededException',
      'The level of configured provisioned throughput for the table was exceeded.',
    );
  }
  if (fault.kind !== 'conflict') return undefined;
  if (operation !== 'TransactWriteItems')
    return refusal('TransactionConflictException', 'Transaction is ongoing for the item');
  return {
    status: 400,
    body: JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
      message: 'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]',
      CancellationReasons: [{ Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }],
    }),
  };
}

/** A BatchWriteItem without its last item, and that item as DynamoDB hands it back. */
export function splitBatch(body: Buffer): { body: Buffer; unprocessed: Record<string, unknown[]> } | undefined {
  const request = JSON.parse(body.toString()) as { RequestItems: Record<string, unknown[]> };
  const [tableName, items] = Object.entries(request.RequestItems).at(-1) ?? [];
  const count = Object.values(request.RequestItems).reduce((sum, list) => sum + list.length, 0);
  if (tableName === undefined || items === undefined || count < 2) return undefined;
  const last = items.pop();
  if (items.length === 0) delete request.RequestItems[tableName];
  return { body: Buffer.from(JSON.stringify(request)), unprocessed: { [tableName]: [last] } };
}

function refusal(code: string, message: string): { status: number; body: string } {
  return { status: 400, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message }) };
}
