import type { CommandContext } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CHECKS } from './checks.ts';
import { type Machine, thisMachine } from './machine.ts';

/** Does every check, also after one has failed, and prints the fix beside each failure. */
export async function runDoctor(
  options: { json: boolean; dataDir?: string; machine?: Machine },
  { terminal, env }: CommandContext,
): Promise<ExitCode> {
  const machine = options.machine ?? thisMachine(env, options);
  const results = await Promise.all(CHECKS.map(async (check) => check(machine)));
  const failed = results.filter(({ state }) => state === 'fail');
  if (options.json) terminal.out(JSON.stringify({ ok: failed.length === 0, checks: results }, undefined, 2));
  else {
    const { good, bad, dim } = terminal.outStyle;
    const paint = { ok: good, note: dim, fail: bad };
    const width = Math.max(...results.map(({ name }) => name.length));
    for (const { name, state, finding, fix } of results) {
      terminal.out(`${paint[state](state.padEnd(4))}  ${name.padEnd(width)}  ${finding}`);
      if (fix !== undefined) terminal.out(`${' '.repeat(width + 8)}→ ${fix}`);
    }
    terminal.out('');
    terminal.out(
      failed.length === 0
        ? good('Nothing is missing. Start with: npm run demo')
        : bad(`${failed.length} of ${results.length} checks failed`),
    );
  }
  return failed.length === 0 ? EXIT.ok : EXIT.failed;
}
