import { Buffer } from 'node:buffer';
import type { KinesisStreamEvent } from 'aws-lambda';
import { chainsOf, type ChainRef, fullChainName } from '../../src/core/chain/name.ts';
import { itemOfCommit } from '../../src/journal/items.ts';
import type { Commit, Journal } from '../../src/journal/port.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { cursorKey } from '../../src/views/keys.ts';
import type { Breach, ProjectionMonitor } from '../../src/views/monitor/breach.ts';
import { ChainCache } from '../../src/views/projection/chain-cache.ts';
import {
  type ChainProjector,
  createChainProjector,
  type ProjectorOptions,
} from '../../src/views/projection/chain-projector.ts';
import type { Cursor } from '../../src/views/projection/cursor.ts';
import type { FencedCursor } from '../../src/views/projection/fence.ts';
import type { Doorbell } from '../../src/views/projection/project-batch.ts';
import type { ViewStore } from '../../src/views/port.ts';

/** All commits of a tenant, chain by chain. */
export async function commitsOf(journal: Journal, tenantId: string): Promise<Commit[]> {
  const chains = chainsOf(16).map((chain) => Array.fromAsync(journal.read({ tenantId, chain }, { afterSeq: 0 })));
  return (await Promise.all(chains)).flat();
}

export function doorbellOf(commit: Commit, options: { image: boolean } = { image: true }): Doorbell {
  const ref: ChainRef = { tenantId: commit.tenantId, chain: commit.chain };
  return { recordId: `${fullChainName(ref)}/${commit.firstSeq}`, ref, ...(options.image && { commit }) };
}

/** Remembers what a projection reports. */
export interface Witness extends ProjectionMonitor {
  breaches: Breach[];
  events: number;
}

export function createWitness(): Witness {
  const witness: Witness = {
    breaches: [],
    events: 0,
    projected: ({ events }) => void (witness.events += events),
    breach: (breach) => void witness.breaches.push(breach),
  };
  return witness;
}

/** A projector as a process of its own would have it. */
export function projectorOn(
  journal: Journal,
  store: ViewStore,
  options: Partial<ProjectorOptions> = {},
): ChainProjector {
  const now = () => Date.parse('2026-01-01T00:00:01Z');
  return createChainProjector({
    journal,
    store,
    sha256,
    monitor: createWitness(),
    now,
    cache: new ChainCache(),
    ...options,
  });
}

/** Projects one chain from where its cursor is. */
export async function projectChain(
  projector: ChainProjector,
  call: { ref: ChainRef; images?: readonly Commit[]; target?: number },
): Promise<Cursor> {
  const [cursor] = await projector.cursorsOf([call.ref]);
  if (!cursor) throw new Error('Expected a cursor for each chain');
  return projector.project({ images: [], target: Infinity, ...call, cursor });
}

/** Changes the cursor of a chain under the fence that it has, which nobody does who has not taken the chain in hand. */
export async function changeCursor(
  store: ViewStore,
  ref: ChainRef,
  change: (cursor: FencedCursor) => FencedCursor,
): Promise<void> {
  const [cursor]: (FencedCursor | undefined)[] = await store.get([cursorKey(ref)]);
  if (!cursor) throw new Error('Expected a cursor');
  const request = { key: cursorKey(ref), from: cursor.seq, fence: cursor.fence, to: change(cursor) };
  if (!(await store.advance(request))) throw new Error('Expected to move the cursor');
}

/** Whether a cursor is being moved on, and not only its fence changed. */
export function isMove({ from, to }: Parameters<ViewStore['advance']>[0]): boolean {
  return to.seq > from;
}

/** A batch of records as Lambda hands it over, from changes of the journal or plain objects. */
export function kinesisEvent(changes: readonly object[]): KinesisStreamEvent {
  const records = changes.map((change, index) => ({
    kinesis: {
      sequenceNumber: String(index),
      partitionKey: '',
      data: Buffer.from(JSON.stringify(change)).toString('base64'),
      approximateArrivalTimestamp: 0,
      kinesisSchemaVersion: '1.0',
    },
    eventSource: 'aws:kinesis',
    eventID: '',
    eventName: '',
    eventSourceARN: '',
    eventVersion: '1.0',
    invokeIdentityArn: '',
    awsRegion: '',
  }));
  return { Records: records };
}

/** A new commit as Kinesis Data Streams for DynamoDB tells it. */
export function insertOf(commit: Commit): object {
  const item = itemOfCommit(commit);
  return { eventName: 'INSERT', dynamodb: { Keys: { pk: item['pk'], sk: item['sk'] }, NewImage: item } };
}
