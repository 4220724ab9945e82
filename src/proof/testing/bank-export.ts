import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayOn, move, openBank, sendBatch } from '../../../test/support/ledger.ts';
import { createMemoryJournal } from '../../journal/memory-journal.ts';
import type { Journal } from '../../journal/port.ts';
import { createKeySigner, makePrivateKey } from '../keys.ts';
import { makeDigest } from '../make-digest.ts';
import { createMemoryDigests } from '../memory-store.ts';
import type { Digest, DigestStore, Signer } from '../port.ts';
import { parseHeads } from '../statement.ts';
import { writeExport } from '../write-export.ts';

const TENANT = 'CU_TEST';

/** A bank made by the real gateway, with digests made in between. */
export interface DigestedBank {
  tenant: string;
  journal: Journal;
  store: DigestStore;
  signer: Signer;
  digests: Digest[];
  /** An account of the bank, and its chain. */
  accountId: string;
  chain: string;
  lines(chain: string): AsyncGenerator<string>;
  /** Posts some entries. */
  live(name: string): Promise<void>;
  digest(): ReturnType<typeof makeDigest>;
}

export async function digestedBank(
  options: { digests: number; tenant?: string; signer?: Signer } = { digests: 4 },
): Promise<DigestedBank> {
  const { tenant = TENANT, signer = createKeySigner(makePrivateKey()) } = options;
  const journal = createMemoryJournal();
  const gateway = gatewayOn(journal);
  const members = await openBank(gateway, { members: 6, deposit: 1_000, tenantId: tenant });
  const [first, second] = members;
  if (!first || !second) throw new Error('Expected members');
  const store = createMemoryDigests();
  let seconds = 0;
  const bank: DigestedBank = {
    tenant,
    journal,
    store,
    signer,
    digests: [],
    accountId: first.accountId,
    chain: first.accountId.slice(4, 6),
    async *lines(chain) {
      for await (const { body } of journal.read({ tenantId: tenant, chain }, { afterSeq: 0 })) yield* body.split('\n');
    },
    async live(name) {
      const entries = Array.from({ length: 12 }, (_, index) =>
        move(index % 3 === 0 ? second.accountId : first.accountId, 'GL_CASH', 1 + index, {
          id: `${name} ${index}`,
          tenantId: tenant,
        }),
      );
      await sendBatch(gateway, entries, tenant);
      await sendBatch(
        gateway,
        [move(first.accountId, second.accountId, 3, { id: `${name} across`, tenantId: tenant })],
        tenant,
      );
    },
    async digest() {
      seconds += 1;
      const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
      const made = await makeDigest({ tenant, journal, store, signer, now });
      if (made.outcome === 'made') bank.digests.push(made.digest);
      return made;
    },
  };
  for (let number = 1; number <= options.digests; number += 1) {
    await bank.live(`period ${number}`);
    await bank.digest();
  }
  return bank;
}

/** @returns a new folder with an export of the bank: what its digests cover */
export async function exportBank(bank: DigestedBank): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turing-export-'));
  const publicKey = await bank.signer.publicKeyPem();
  const heads = parseHeads(bank.tenant, bank.digests.at(-1)?.heads ?? []) ?? [];
  await writeExport(folder, {
    tenant: bank.tenant,
    exportedAt: '2026-01-02T00:00:00.000Z',
    chains: heads.map(({ chain, seq }) => ({ chain, lines: firstOf(bank.lines(chain), seq) })),
    digests: bank.digests.map((digest) => ({ ...digest, publicKey })),
  });
  return folder;
}

async function* firstOf(lines: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count;
  for await (const line of lines) if ((left -= 1) >= 0) yield line;
}
