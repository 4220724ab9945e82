#!/usr/bin/env node
import { main } from '../src/cli/main.ts';
import { createStopSignal } from '../src/cli/stop-signal.ts';
import { createTerminal } from '../src/cli/terminal.ts';

// A reader that goes away (`turing openapi | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await main(process.argv.slice(2), {
  terminal: createTerminal({ stdout: process.stdout, stderr: process.stderr, env: process.env }),
  env: process.env,
  now: Date.now,
  stop: createStopSignal(),
});
// Not left to the event loop: an idle keep-alive connection would hold the process for seconds.
process.exit(exitCode);
