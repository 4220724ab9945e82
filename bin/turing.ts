#!/usr/bin/env node
import { EXIT } from '../src/cli/exit-codes.ts';
import { main } from '../src/cli/main.ts';
import { drained, tolerateGoneReader } from '../src/cli/output-streams.ts';
import { createStopSignal } from '../src/cli/stop-signal.ts';
import { createTerminal } from '../src/cli/terminal.ts';

for (const stream of [process.stdout, process.stderr]) tolerateGoneReader(stream, () => process.exit(EXIT.failed));

const exitCode = await main(process.argv.slice(2), {
  terminal: createTerminal({ stdout: process.stdout, stderr: process.stderr, env: process.env }),
  env: process.env,
  now: Date.now,
  stop: createStopSignal(),
});
// A pipe takes 64 KB at once; `process.exit` would throw the rest away.
await Promise.all([drained(process.stdout), drained(process.stderr)]);
// Not left to the event loop: an idle keep-alive connection would hold the process for seconds.
process.exit(exitCode);
