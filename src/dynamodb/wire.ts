/**
 * The requests and answers of DynamoDB that the ledger uses, as they go over the wire: JSON 1.0, binary values in base64.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
 */

/** One of its members is there. The ledger stores no other types. */
export interface AttributeValue {
  readonly S?: string;
  /** A number in decimal. */
  readonly N?: string;
  /** Bytes, base64. */
  readonly B?: string;
}

export type Item = Record<string, AttributeValue>;

export interface Put {
  TableName: string;
  Item: Item;
  ConditionExpression?: string;
  ExpressionAttributeValues?: Item;
}

export interface Delete {
  TableName: string;
  Key: Item;
  ConditionExpression?: string;
  ExpressionAttributeValues?: Item;
}

export interface Get {
  TableName: string;
  Key: Item;
  ConsistentRead?: boolean;
  ProjectionExpression?: string;
}

interface Expressions {
  FilterExpression?: string;
  ProjectionExpression?: string;
  ExpressionAttributeValues?: Item;
}

export interface Query extends Expressions {
  TableName: string;
  IndexName?: string;
  KeyConditionExpression: string;
  ConsistentRead?: boolean;
  ScanIndexForward?: boolean;
  Limit?: number;
  ExclusiveStartKey?: Item;
}

export interface Scan extends Expressions {
  TableName: string;
  IndexName?: string;
  ConsistentRead?: boolean;
  Limit?: number;
  ExclusiveStartKey?: Item;
}

export interface Page {
  Items?: Item[];
  /** Items that were looked at, those included that a filter has left out. */
  ScannedCount?: number;
  LastEvaluatedKey?: Item;
}

export interface WriteRequest {
  PutRequest?: { Item: Item };
  DeleteRequest?: { Key: Item };
}

interface KeysOfTable {
  Keys: Item[];
  ConsistentRead?: boolean;
}

export interface Operations {
  PutItem: { request: Put; answer: object };
  DeleteItem: { request: Delete; answer: object };
  GetItem: { request: Get; answer: { Item?: Item } };
  Query: { request: Query; answer: Page };
  Scan: { request: Scan; answer: Page };
  BatchGetItem: {
    request: { RequestItems: Record<string, KeysOfTable> };
    answer: { Responses?: Record<string, Item[]>; UnprocessedKeys?: Record<string, KeysOfTable> };
  };
  BatchWriteItem: {
    request: { RequestItems: Record<string, WriteRequest[]> };
    answer: { UnprocessedItems?: Record<string, WriteRequest[]> };
  };
  TransactWriteItems: {
    /** The token makes a retry after a lost answer succeed, for ten minutes, instead of failing on its own writes. */
    request: { TransactItems: { Put: Put }[]; ClientRequestToken: string };
    answer: object;
  };
}
