import { defineCommand } from '../../../src/cli/command.ts';
import { EXIT } from '../../../src/cli/exit-codes.ts';
import { wholeNumber } from '../../../src/cli/flag-values.ts';
import { runAlone } from '../../../src/cli/run-process.ts';
import { withStoreFolder } from '../support/store-folder.ts';
import { lineOfDrill, lineOfKill, linesOfFailure, statisticsOf, titles, verdictOf } from './report.ts';
import { runKills } from './run-kills.ts';

const SEEDS = 1_000_000;

const kills = defineCommand({
  name: 'kills',
  line: 'npm run kills --',
  description:
    'Kills parts of a local cloud under load, and looks after each whether anything was lost; exit code 1 for what does not hold',
  args: {
    times: { type: 'string', description: 'How many kills', valueHint: 'n', default: '50' },
    seed: {
      type: 'string',
      description: 'Gives order, moments and commands (default: another each time)',
      valueHint: 'text',
    },
    threads: {
      type: 'boolean',
      description:
        'Functions and the stream are threads, as `turing up` has them, and not processes to be killed with -9',
    },
    data: {
      type: 'string',
      description: 'Empty folder for the store (default: a temporary one)',
      valueHint: 'dir',
    },
  },
  examples: [
    { line: 'npm run kills -- --times 50 --seed 2026', what: 'about ten minutes' },
    { line: 'npm run kills -- --times 10 --threads', what: 'the parts as threads, some two minutes' },
  ],
  run(args, { terminal, now, stop }) {
    const times = wholeNumber('times', args.times, { least: 1, most: 10_000 });
    const drill = { times, seed: args.seed ?? String(now() % SEEDS), processes: args.threads !== true };
    return withStoreFolder({ data: args.data, name: 'kills' }, async (folder) => {
      terminal.out(`${times} kills, again by: ${lineOfDrill(drill)}\n\n${titles()}`);
      const told = (killed: Parameters<typeof lineOfKill>[0]) => terminal.out(lineOfKill(killed));
      const result = await runKills({ ...drill, dataDir: folder.path, stop, told });

      terminal.out('');
      for (const line of statisticsOf(result.kills)) terminal.out(line);
      const { commands, events, digests, answers } = result;
      terminal.out(`\n${commands} commands, ${events} events, ${digests} digests, ${answers} accounts read`);
      const failed = result.kills.find(({ faults }) => faults.length > 0);
      if (failed !== undefined) {
        for (const line of linesOfFailure(failed, drill)) terminal.out(line);
        folder.keep();
        terminal.out(`The store and its logs are kept: ${folder.path}`);
      }
      terminal.out(verdictOf(result.kills, drill));
      return failed === undefined ? EXIT.ok : EXIT.failed;
    });
  },
});

await runAlone(kills);
