import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { move } from '../support/ledger.ts';
import { audited } from './support/audited.ts';
import { createClient } from './support/client.ts';
import { JournalWatch } from './support/journal-watch.ts';
import { startLoad } from './support/load.ts';
import { canMount, inMount } from './support/mounts.ts';
import { openAccounts, TENANT, tokenOf } from './support/stored-bank.ts';
import { withJournal } from './support/stored-journal.ts';
import { startUp, type Up } from './support/up.ts';
import { headsOf, viewsReach } from './support/views.ts';

const DISK = '48m';
const FILLER_BYTES = 64 * 1_024;
const LOAD_MS = 1_000;
/** Longer than a command's time: what waits at the beginning has to be answered. */
const FULL_MS = 12_000;

/** What the terminal was told of the disk. */
const told = () => up.said().match(/^store  .*$/gm) ?? [];

const dataDir = mkdtempSync(join(tmpdir(), 'turing-full-'));
let up: Up;

beforeAll(async () => {
  if (!canMount()) return;
  up = await startUp({ dataDir, prefix: inMount(`mount -t tmpfs -o size=${DISK},mode=0700 none "${dataDir}"`) });
});
afterAll(async () => {
  up?.signal('SIGTERM');
  await up?.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

it.skipIf(!canMount())(
  'on a disk that fills up commands are told to come again, and nothing is lost; with room again all goes on',
  async () => {
    const token = await tokenOf(up);
    const accounts = await openAccounts(up, { token, members: 20 });
    const [account = ''] = accounts;
    const watch = new JournalWatch(TENANT);
    await withJournal(up, (journal) => watch.readOn(journal));
    const client = createClient({ url: up.address.apiUrl, token, tenantId: TENANT });
    const load = startLoad({ client, tenantId: TENANT, accounts, seed: 'full', name: 'disk' });
    await sleep(LOAD_MS);

    const filler = `/proc/${up.pid}/root${join(dataDir, 'filler')}`;
    const filled = (async () => {
      for (const untilMs = performance.now() + FULL_MS; performance.now() < untilMs; await sleep(5)) {
        // A part of the last block may still fit.
        await appendFile(filler, Buffer.alloc(FILLER_BYTES)).catch(() => undefined);
      }
    })();
    const seen = new Set<string>();
    for (let number = 0; seen.size === 0 && number < 200; number += 1) {
      const { status, retryAfter, text } = await client.once(move('GL_SALARY', account, 1, { id: `probe ${number}` }));
      if (status === 202) {
        await sleep(20);
        continue;
      }
      seen.add(`${status} ${retryAfter} ${(JSON.parse(text) as { error: string }).error}`);
    }
    // The second where it only waited behind others.
    expect(['503 1 ServiceUnavailable', '429 1 TooManyRequests']).toContain([...seen].join());
    // Reads need no room.
    expect(await headsOf(client)).toHaveLength(17);
    await filled;
    // What needs it and fails says why to who asked, and the terminal has said so, once for all that was refused.
    const full = `The disk of "${dataDir}" is full: free space on it`;
    await expect(up.owner.invoke('DigestFunction', { tenantId: TENANT })).rejects.toThrow(full);
    expect(told()).toEqual([expect.stringContaining(full)]);

    const freedAtMs = performance.now();
    await rm(filler);
    await load.acceptedAfter(freedAtMs);
    await load.stop();
    const decided = load.take();
    expect(decided.some(({ decision }) => decision.attempts > 0)).toBe(true);
    expect(await withJournal(up, (journal) => watch.readOn(journal))).toEqual([]);
    expect(watch.compare(decided)).toEqual([]);
    await viewsReach(client);
    expect(await audited(up)).toEqual([]);
    await client.close();
    expect(told()).toEqual([expect.stringContaining(full), `store  The disk of "${dataDir}" has room again`]);
  },
  120_000,
);
