import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import { type SequenceFunctions, speedUpSequences } from './sequences.ts';

/** What kinesalite's actions take and answer, as far as the local cloud calls them. */
export interface StoredRecord {
  PartitionKey: string;
  /** Base64. */
  Data: string;
  SequenceNumber: string;
  ApproximateArrivalTimestamp: number;
}

interface StreamStore {
  getStreamDb(name: string): {
    createKeyStream(range: { gte: string; lt: string; limit: number }): AsyncIterable<string>;
    batch(operations: { type: 'del'; key: string }[], done: (error?: Error) => void): void;
  };
}

type Action = (store: StreamStore, data: unknown, done: (error: Error | null, answer?: unknown) => void) => void;

export interface Kinesalite {
  server: Server;
  call<Answer>(action: string, data: unknown): Promise<Answer>;
  /** Forgets a shard's records before a sequence number; returns how many. */
  trim(options: { streamName: string; shardId: string; beforeSequenceNumber: string }): Promise<number>;
}

/** Keys deleted in one go: a bound on the pause that trimming causes. */
const trimLimit = 5_000;

/**
 * Kinesalite, in memory. Its HTTP server serves the functions; the local cloud's own publisher and pollers call its
 * actions directly, which spares them HTTP and signatures. It keeps records for the stream's retention (24 hours) and
 * deletes only those that a read meets afterwards: so whoever consumes a stream trims it.
 */
export function createKinesalite(): Kinesalite {
  const require = createRequire(import.meta.url);
  // CommonJS without types: the shapes are those of kinesalite 3.3.3, which package.json pins.
  const storage = require('kinesalite/db') as SequenceFunctions & { create(options: unknown): StreamStore };
  Object.assign(storage, speedUpSequences({ ...storage }));
  const original = storage.create;
  let store: StreamStore | undefined;
  storage.create = (options) => (store = original(options));
  const kinesalite = require('kinesalite') as (options: object) => Server;
  const server = kinesalite({ createStreamMs: 0, deleteStreamMs: 0, updateStreamMs: 0, shardLimit: 1_000 });
  storage.create = original;
  const actions = new Map<string, Action>();

  function theStore(): StreamStore {
    if (store === undefined) throw new Error('Cannot use kinesalite: it made no store');
    return store;
  }

  return {
    server,
    call<Answer>(name: string, data: unknown): Promise<Answer> {
      let action = actions.get(name);
      if (action === undefined) {
        action = require(`kinesalite/actions/${name}`) as Action;
        actions.set(name, action);
      }
      const chosen = action;
      return new Promise((resolve, reject) => {
        chosen(theStore(), data, (error, answer) =>
          error === null || error === undefined ? resolve(answer as Answer) : reject(error),
        );
      });
    },
    async trim({ streamName, shardId, beforeSequenceNumber }) {
      const database = theStore().getStreamDb(streamName);
      const shard = Number(shardId.slice('shardId-'.length)).toString(16).padStart(8, '0');
      const keys: { type: 'del'; key: string }[] = [];
      for await (const key of database.createKeyStream({
        gte: `${shard}/`,
        lt: `${shard}/${beforeSequenceNumber}`,
        limit: trimLimit,
      })) {
        keys.push({ type: 'del', key });
      }
      if (keys.length > 0) {
        await new Promise<void>((resolve, reject) =>
          database.batch(keys, (error) => (error ? reject(error) : resolve())),
        );
      }
      return keys.length;
    },
  };
}
