/**
 * The comparison by itself: the table on stdout, what is going on, on stderr; the rows as JSON where asked for.
 * Usage: npx node bench/peers/main.ts [--seconds 1] [--rounds 5] [--only TEXT] [--data DIR] [--json FILE]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isInMemory, withWorkDir } from '../support/cloud.ts';
import { comparePeers } from './index.ts';
import { peerLines } from './table.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    /** A folder on the disk to be measured; what is written there is removed. */
    data: { type: 'string' },
    json: { type: 'string' },
  },
});

async function run(dataDir: string): Promise<void> {
  const rows = await comparePeers({
    dataDir,
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    only: values.only,
    say: (line) => console.error(line),
  });
  if (rows.length === 0) {
    console.error(`There is no store with "${values.only}" in its name`);
    process.exitCode = 2;
  }
  for (const line of peerLines(rows, { inMemory: isInMemory(dataDir) })) console.log(line);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (rows.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

if (values.data === undefined) await withWorkDir(run);
else {
  mkdirSync(values.data, { recursive: true });
  const own = mkdtempSync(join(values.data, 'peers-'));
  try {
    await run(own);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
process.exit();
