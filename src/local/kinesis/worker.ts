import { parentPort } from 'node:worker_threads';
import { listen } from '../http/listen.ts';
import { createKinesalite } from './kinesalite.ts';

/** What the main thread asks of the stream thread. */
export type StreamRequest =
  | { id: number; kind: 'start'; port: number }
  | { id: number; kind: 'call'; action: string; data: unknown }
  | { id: number; kind: 'trim'; streamName: string; shardId: string; beforeSequenceNumber: string };

export type StreamAnswer = { id: number; value: unknown } | { id: number; error: string };

// Kinesis has a thread of its own: its storage work would otherwise delay every answer of the API.
const port = parentPort;
if (port === null) throw new Error('Cannot run the stream thread by itself: it answers to the local cloud');
const kinesalite = createKinesalite();

port.on('message', (request: StreamRequest) => {
  perform(request).then(
    (value) => port.postMessage({ id: request.id, value } satisfies StreamAnswer),
    (error: unknown) => port.postMessage({ id: request.id, error: (error as Error).message } satisfies StreamAnswer),
  );
});

function perform(request: StreamRequest): Promise<unknown> {
  if (request.kind === 'start') return listen(kinesalite.server, request.port);
  return request.kind === 'call' ? kinesalite.call(request.action, request.data) : kinesalite.trim(request);
}
