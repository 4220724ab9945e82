#!/usr/bin/env node
import { main } from '../src/cli/main.ts';
import { runProcess } from '../src/cli/run-process.ts';

await runProcess(main);
