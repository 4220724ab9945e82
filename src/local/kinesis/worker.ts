import { listen } from '../http/listen.ts';
import { openPartPort } from '../part-port.ts';
import { createKinesalite } from './kinesalite.ts';

/** What the local cloud asks of the stream. */
export type StreamRequest =
  | { id: number; kind: 'start'; port: number }
  | { id: number; kind: 'call'; action: string; data: unknown }
  | { id: number; kind: 'trim'; streamName: string; shardId: string; beforeSequenceNumber: string };

export type StreamAnswer = { id: number; value: unknown } | { id: number; error: string };

// Beside the local cloud: its storage work would otherwise delay every answer of the API.
const port = openPartPort();
const kinesalite = createKinesalite();

port.onMessage((message) => {
  const request = message as StreamRequest; // only the local cloud sends
  perform(request).then(
    (value) => port.send({ id: request.id, value } satisfies StreamAnswer),
    (error: unknown) => port.send({ id: request.id, error: (error as Error).message } satisfies StreamAnswer),
  );
});

function perform(request: StreamRequest): Promise<unknown> {
  if (request.kind === 'start') return listen(kinesalite.server, request.port);
  return request.kind === 'call' ? kinesalite.call(request.action, request.data) : kinesalite.trim(request);
}
