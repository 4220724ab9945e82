import { defineCommand } from '../../../src/cli/command.ts';
import { EXIT } from '../../../src/cli/exit-codes.ts';
import { wholeNumber } from '../../../src/cli/flag-values.ts';
import { runAlone } from '../../../src/cli/run-process.ts';
import { withStoreFolder } from '../support/store-folder.ts';
import { faultsOf } from './promises.ts';
import { linesOf } from './report.ts';
import { runOverload } from './run-overload.ts';

const SHOWN_FAULTS = 20;

const overload = defineCommand({
  name: 'overload',
  line: 'npm run overload --',
  description:
    'Finds how much a local cloud gets done, sends a multiple of that, and looks whether anything is lost; exit code 1 for what does not hold',
  args: {
    seconds: { type: 'string', description: 'How long the overload lasts', valueHint: 'n', default: '30' },
    times: { type: 'string', description: 'How many times what it gets done', valueHint: 'n', default: '10' },
    seed: { type: 'string', description: 'Gives the commands', valueHint: 'text', default: '1' },
    data: {
      type: 'string',
      description: 'Empty folder for the store (default: a temporary one)',
      valueHint: 'dir',
    },
  },
  examples: [
    { line: 'npm run overload -- --seconds 30', what: 'ten times what it gets done, for half a minute' },
    { line: 'npm run overload -- --seconds 5 --data /var/tmp/overload', what: 'shorter, and keeps the store' },
  ],
  run(args, { terminal, stop }) {
    const seconds = wholeNumber('seconds', args.seconds, { least: 1, most: 600 });
    const times = wholeNumber('times', args.times, { least: 2, most: 100 });
    return withStoreFolder({ data: args.data, name: 'overload' }, async (folder) => {
      const result = await runOverload({
        dataDir: folder.path,
        seconds,
        times,
        seed: args.seed,
        stop,
        told: (line) => terminal.note(line),
      });
      for (const line of linesOf(result)) terminal.out(line);
      const faults = faultsOf(result);
      terminal.out(`faults                ${faults.length}`);
      for (const fault of faults.slice(0, SHOWN_FAULTS)) terminal.out(`  ${fault}`);
      if (faults.length === 0) return EXIT.ok;
      folder.keep();
      terminal.out(`The store and its logs are kept: ${folder.path}`);
      return EXIT.failed;
    });
  },
});

await runAlone(overload);
