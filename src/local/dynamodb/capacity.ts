/** Request units of one table, as DynamoDB bills them. */
export interface TableUnits {
  writeUnits: number;
  readUnits: number;
  requests: number;
}

export interface CapacityMeter {
  /** Adds what one answered request consumed. */
  add(options: { operation: string; request: Buffer; status: number; answer: Buffer }): void;
  /**
   * Adds what plain writes consumed that were performed as one transaction: half of the units that it tells for tables, since
   * a transactional write costs twice a plain one there, and all that it tells for indexes. `tableNames` has an element for
   * each put, and one for each table of a batch.
   */
  addGroup(options: { answer: Buffer; tableNames: string[] }): void;
  byTable(): Record<string, TableUnits>;
}

interface ConsumedCapacity {
  TableName: string;
  CapacityUnits?: number;
  WriteCapacityUnits?: number;
  ReadCapacityUnits?: number;
  /** The table's own share, where shares were asked for. */
  Table?: { CapacityUnits: number };
}

const asked = '"ReturnConsumedCapacity":';
const answered = '"ConsumedCapacity":';
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);
const metered = new Set([...writes, 'GetItem', 'Query', 'Scan', 'BatchGetItem', 'TransactGetItems']);

/**
 * Makes a request ask for its consumed capacity, without writing it anew. The extra field in the answer is
 * harmless: clients ignore what they did not ask for.
 * @param options.parsed the request, where it had to be parsed anyway: spares a search through the bytes
 */
export function askForCapacity(options: {
  operation: string;
  body: Buffer;
  parsed: Record<string, unknown> | undefined;
}): Buffer {
  const { operation, body, parsed } = options;
  if (!metered.has(operation) || body[0] !== 0x7b /* { */) return body;
  const at = parsed !== undefined && parsed['ReturnConsumedCapacity'] === undefined ? -1 : body.indexOf(asked);
  if (at >= 0) {
    const none = `${asked}"NONE"`;
    if (!body.subarray(at, at + none.length).equals(Buffer.from(none))) return body;
    return Buffer.concat([body.subarray(0, at), Buffer.from(`${asked}"TOTAL"`), body.subarray(at + none.length)]);
  }
  const rest = body.subarray(1);
  const empty = rest.toString('latin1', 0, 16).trimStart().startsWith('}');
  return Buffer.concat([Buffer.from(`{${asked}"TOTAL"${empty ? '' : ','}`), rest]);
}

/** Adds up read and write units per table from the engine's own answers. */
export function createCapacityMeter(): CapacityMeter {
  const tables = new Map<string, TableUnits>();

  function of(tableName: string): TableUnits {
    let units = tables.get(tableName);
    if (units === undefined) {
      units = { writeUnits: 0, readUnits: 0, requests: 0 };
      tables.set(tableName, units);
    }
    return units;
  }

  return {
    add({ operation, request, status, answer }) {
      if (!metered.has(operation)) return;
      if (status !== 200) {
        addRefused(operation, request, answer);
        return;
      }
      for (const consumed of readConsumed(answer)) {
        const units = of(consumed.TableName);
        const total = consumed.CapacityUnits ?? consumed.WriteCapacityUnits ?? consumed.ReadCapacityUnits ?? 0;
        if (writes.has(operation)) units.writeUnits += total;
        else units.readUnits += total;
        units.requests += 1;
      }
    },
    addGroup({ answer, tableNames }) {
      for (const { TableName, CapacityUnits = 0, Table } of readConsumed(answer))
        of(TableName).writeUnits += CapacityUnits - (Table?.CapacityUnits ?? CapacityUnits) / 2;
      for (const tableName of tableNames) of(tableName).requests += 1;
    },
    byTable: () => Object.fromEntries([...tables].map(([name, units]) => [name, { ...units }])),
  };

  /**
   * A write whose condition fails is billed too, by the size of the item, but its answer carries no units:
   * the request's size stands for the item's, 1 unit for each KB begun.
   */
  function addRefused(operation: string, request: Buffer, answer: Buffer): void {
    if (!writes.has(operation) || !answer.includes('ConditionalCheckFailed')) return;
    const tableName = /"TableName":"([^"]+)"/.exec(request.toString('latin1'))?.[1];
    if (tableName === undefined) return;
    const units = of(tableName);
    units.writeUnits += Math.ceil(request.length / 1024) * (operation === 'TransactWriteItems' ? 2 : 1);
    units.requests += 1;
  }
}

/** Engines write this field last, so that its place is found from the end and only it is parsed. */
function readConsumed(answer: Buffer): ConsumedCapacity[] {
  const at = answer.lastIndexOf(answered);
  if (at < 0) return [];
  let consumed: unknown;
  try {
    consumed = JSON.parse(`{${answer.toString('utf8', at)}`);
  } catch {
    consumed = JSON.parse(answer.toString('utf8')); // not last in this engine's answers
  }
  const value = (consumed as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] }).ConsumedCapacity;
  return value === undefined ? [] : [value].flat();
}
