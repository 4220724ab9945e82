import type { Item, Operations } from '../../../src/dynamodb/wire.ts';

/** @returns a call in words, for the trace, and the table that it goes to */
export function describeCall(name: keyof Operations, request: object): { text: string; table: string } {
  if ('TableName' in request) {
    const table = String(request.TableName);
    const item = 'Item' in request ? (request.Item as Item) : 'Key' in request ? (request.Key as Item) : undefined;
    const values = 'ExpressionAttributeValues' in request ? (request.ExpressionAttributeValues as Item) : {};
    const where = item ? keyText(item) : Object.values(values).map(valueText).join(' ');
    return { text: `${name} ${table} ${where}`, table };
  }
  if ('TransactItems' in request) {
    const puts = (request as Operations['TransactWriteItems']['request']).TransactItems.map(({ Put }) => Put);
    return {
      text: `${name} ${puts.map(({ Item }) => keyText(Item)).join(', ')}`,
      table: puts[0]?.TableName ?? '',
    };
  }
  const [[table, of] = ['', []]] = Object.entries((request as { RequestItems: Record<string, object> }).RequestItems);
  const keys = Array.isArray(of)
    ? of.map((each: { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }) =>
        keyText(each.PutRequest?.Item ?? each.DeleteRequest?.Key ?? {}),
      )
    : (of as { Keys: Item[] }).Keys.map(keyText);
  return { text: `${name} ${table} ${keys.join(', ')}`, table };
}

function keyText(item: Item): string {
  const end = item['last'] ? `–${valueText(item['last'])}` : '';
  return `${valueText(item['pk'] ?? {})}/${valueText(item['sk'] ?? {})}${end}`;
}

function valueText({ S, N }: Item[string]): string {
  return S ?? N ?? '';
}
