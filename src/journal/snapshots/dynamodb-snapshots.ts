import { Buffer } from 'node:buffer';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import type { DynamoDb } from '../../dynamodb/client.ts';
import { ServiceError } from '../../dynamodb/errors.ts';
import type { Item, WriteRequest } from '../../dynamodb/wire.ts';
import { atATime } from './at-a-time.ts';
import type { SealedManifest, SnapshotStore } from './port.ts';

/** Pieces written at a time: 300 KB each, and nobody waits for them. */
const MAX_PARALLEL_WRITES = 4;
/** What the engine takes in one batch. */
const MAX_BATCH = 25;
/** Some pieces share a connection's time with many others. */
const TIMEOUT_MS = 5_000;

/**
 * Snapshots in a DynamoDB table: a manifest and its pieces are items of one partition, named as the chain is. Pieces are named
 * by their digests and never change.
 */
export function createDynamoSnapshots(options: { client: DynamoDb; tableName: string }): SnapshotStore {
  const { client, tableName: TableName } = options;
  const within = { timeoutMs: TIMEOUT_MS };

  async function drop(ref: ChainRef, digests: readonly string[]): Promise<void> {
    for (let start = 0; start < digests.length; start += MAX_BATCH) {
      const requests = digests
        .slice(start, start + MAX_BATCH)
        .map((digest): WriteRequest => ({ DeleteRequest: { Key: keyOf(ref, pieceName(digest)) } }));
      // What a throttled table leaves undone stays there unused.
      await client.send('BatchWriteItem', { RequestItems: { [TableName]: requests } }, within);
    }
  }

  async function newest(ref: ChainRef): Promise<SealedManifest | undefined> {
    const request = { TableName, Key: keyOf(ref, MANIFEST), ConsistentRead: true };
    const { Item } = await client.send('GetItem', request, within);
    const [text, digest] = [Item?.['text']?.S, Item?.['seal']?.S];
    return text === undefined || digest === undefined ? undefined : { text, digest };
  }

  return {
    newest,

    async piece(ref, digest) {
      // Pieces never change, and one that is not to be seen yet is as one that is gone: no need for a consistent read.
      const { Item } = await client.send('GetItem', { TableName, Key: keyOf(ref, pieceName(digest)) }, within);
      const data = Item?.['data']?.B;
      return data === undefined ? undefined : Buffer.from(data, 'base64');
    },

    async replace(ref, { manifest, pieces, previous, dropped }) {
      await atATime(MAX_PARALLEL_WRITES, pieces, async ([digest, bytes]) => {
        const data = { B: Buffer.from(bytes).toString('base64') };
        await client.send('PutItem', { TableName, Item: { ...keyOf(ref, pieceName(digest)), data } }, within);
      });
      try {
        await client.send(
          'PutItem',
          {
            TableName,
            Item: { ...keyOf(ref, MANIFEST), text: { S: manifest.text }, seal: { S: manifest.digest } },
            ...(previous === undefined
              ? { ConditionExpression: 'attribute_not_exists(pk)' }
              : {
                  ConditionExpression: 'seal = :previous',
                  ExpressionAttributeValues: { ':previous': { S: previous } },
                }),
          },
          within,
        );
      } catch (cause) {
        if (!(cause instanceof ServiceError) || cause.name !== 'ConditionalCheckFailedException') throw cause;
        // A put whose answer was lost is sent again, and then finds itself.
        if ((await newest(ref))?.digest !== manifest.digest) return false;
      }
      await drop(ref, dropped);
      return true;
    },
  };
}

const MANIFEST = 'manifest';

function pieceName(digest: string): string {
  return `piece#${digest}`;
}

function keyOf(ref: ChainRef, name: string): Item {
  return { pk: { S: fullChainName(ref) }, sk: { S: name } };
}
