import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../flag-values.ts';

const PORTS = { least: 0, most: 65_535 };

export const up = defineCommand({
  name: 'up',
  description: 'Starts the local cloud alone, and keeps its data across restarts',
  args: {
    port: {
      type: 'string',
      description: 'Port of the API (default: 4510, or another when that is taken)',
      valueHint: 'n',
    },
    data: { type: 'string', description: 'Folder of the store (default: .turing/data)', valueHint: 'dir' },
    processes: {
      type: 'boolean',
      description:
        'Runs each function and the stream in a process of its own, not a thread: slower, and kill -9 finds them',
    },
  },
  examples: [
    { line: 'turing up', what: 'the API at http://127.0.0.1:4510/v1 until Ctrl-C' },
    { line: 'turing up --data /tmp/trial --port 8080', what: 'with another store, on another port' },
  ],
  async run(args, context) {
    const port = args.port === undefined ? undefined : wholeNumber('port', args.port, PORTS);
    const { requireFolder } = await import('../folders.ts');
    const dataDir = args.data === undefined ? undefined : requireFolder('data', args.data);
    const { runUp } = await import('../up/run-up.ts');
    await runUp(
      {
        place: args.processes === true ? 'process' : 'thread',
        ...(port !== undefined && { port }),
        ...(dataDir !== undefined && { dataDir }),
      },
      context,
    );
    return EXIT.ok;
  },
});
