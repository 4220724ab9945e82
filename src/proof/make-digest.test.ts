import { beforeAll, describe, expect, it } from 'vitest';
import { commitsOfDrafts, opened } from '../../test/support/commits.ts';
import { command, createTenant, entityOf, gatewayOn, send } from '../../test/support/ledger.ts';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { createMemoryJournal } from '../journal/memory-journal.ts';
import { type Commit, type Journal, JournalUnavailableError } from '../journal/port.ts';
import { sha256 } from '../journal/sha256.ts';
import { createKeySigner, keyIdOf, makePrivateKey, PublicKeys } from './keys.ts';
import { makeDigest } from './make-digest.ts';
import { createMemoryDigests } from './memory-store.ts';
import { rootOf } from './merkle.ts';
import type { DigestStore } from './port.ts';
import { parseHeads, parsePeriod, parseStatement } from './statement.ts';
import { digestedBank, type DigestedBank } from './testing/bank-export.ts';

let bank: DigestedBank;
beforeAll(async () => {
  bank = await digestedBank({ digests: 3 });
});

const now = () => '2026-02-01T00:00:00.000Z';
const made = (options: { journal?: Journal; store?: DigestStore; signer?: DigestedBank['signer']; tenant?: string }) =>
  makeDigest({ tenant: bank.tenant, journal: bank.journal, store: bank.store, signer: bank.signer, now, ...options });

/** A journal whose commits of one chain are changed on their way. */
function changed(chain: string, change: (commits: Commit[]) => Commit[]): Journal {
  const commitsOf = async (ref: { tenantId: string; chain: string }) => {
    const commits = await Array.fromAsync(bank.journal.read(ref, { afterSeq: 0 }));
    return ref.chain === chain ? change(commits) : commits;
  };
  return {
    ...bank.journal,
    async *read(ref, { afterSeq }) {
      for (const commit of await commitsOf(ref)) if (commit.firstSeq > afterSeq) yield commit;
    },
    commitAt: async (ref, seq) =>
      (await commitsOf(ref)).find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq),
    lastCommit: async (ref) => (await commitsOf(ref)).at(-1),
  };
}

/** The chain with other lines from a commit on, hashed anew. */
function rehashed(commits: readonly Commit[], from: number, change: (line: string) => string): Commit[] {
  let head = commits[from]!.prevHash;
  return commits.map((commit, index) => {
    if (index < from) return commit;
    const lines = commit.body.split('\n').map(change);
    const prevHash = head;
    head = lines.reduce((hash, line) => linkHash(hash, line, sha256), prevHash);
    return { ...commit, prevHash, headHash: head, body: lines.join('\n') };
  });
}

describe('makeDigest', () => {
  it('signs the heads of all chains and what came since the digest before', async () => {
    const [first, second, third] = bank.digests;
    const keys = new PublicKeys([await bank.signer.publicKeyPem()]);
    expect(parseStatement(first!.statement)).toMatchObject({ tenant: 'CU_TEST', number: 1, previous: null });
    expect(parseStatement(second!.statement)).toMatchObject({ number: 2, previous: sha256(first!.statement) });
    expect(parseStatement(third!.statement)).toMatchObject({ number: 3, previous: sha256(second!.statement) });
    for (const digest of bank.digests) {
      expect(keys.signed(digest.statement, digest.signature)).toBe(true);
      expect(keys.signed(`${digest.statement} `, digest.signature)).toBe(false);
      expect(digest.key).toBe(keyIdOf(await bank.signer.publicKeyPem()));
      const said = parseStatement(digest.statement)!;
      expect(said.heads).toBe(rootOf(digest.heads));
      expect(said.events).toBe(rootOf(digest.periods));
      expect(await bank.store.get('CU_TEST', digest.number)).toEqual({
        ...digest,
        signature: Buffer.from(digest.signature),
      });
    }
    const heads = parseHeads('CU_TEST', third!.heads)!;
    expect(heads).toHaveLength(17);
    for (const { chain, seq, hash } of heads) {
      const last = await bank.journal.lastCommit({ tenantId: 'CU_TEST', chain });
      expect({ seq, hash }).toEqual({
        seq: last?.lastSeq ?? 0,
        hash: last?.headHash ?? genesisHash(`CU_TEST#chain#${chain}`, sha256),
      });
    }
    // The period's root, from the lines.
    const period = third!.periods
      .map((text) => parsePeriod('CU_TEST', text)!)
      .find(({ chain }) => chain === bank.chain)!;
    let hash = genesisHash(`CU_TEST#chain#${bank.chain}`, sha256);
    const hashes = [];
    for await (const line of bank.lines(bank.chain)) hashes.push((hash = linkHash(hash, line, sha256)));
    expect(period.from).toBeGreaterThan(1);
    expect(period.root).toBe(rootOf(hashes.slice(period.from - 1, period.to)));
  });

  it('makes none when nothing has come', async () => {
    expect(await bank.digest()).toEqual({ outcome: 'unchanged', number: 3 });
    expect((await bank.store.latest('CU_TEST'))?.number).toBe(3);
  });

  it('makes one when another process has made the same in between', async () => {
    const journal = createMemoryJournal();
    const store = createMemoryDigests();
    const other = await digestedBank({ digests: 0 });
    let raced = false;
    const racing: DigestStore = {
      ...store,
      put: async (digest) => {
        if (!raced) {
          raced = true;
          await makeDigest({ tenant: 'CU_TEST', journal: other.journal, store, signer: bank.signer, now });
          await other.live('meanwhile');
        }
        return store.put(digest);
      },
    };
    const { signer } = bank;
    const result = await makeDigest({ tenant: 'CU_TEST', journal: other.journal, store: racing, signer, now });
    expect(result).toMatchObject({ outcome: 'made', digest: { number: 2 } });
    await expect(made({ journal, store: createMemoryDigests() })).rejects.toThrow('there is no such tenant');
    const never: DigestStore = { ...store, put: async () => 'exists', latest: async () => undefined };
    await expect(made({ store: never })).rejects.toThrow('others made theirs in between');
  });

  describe('signs nothing and names the place', () => {
    const refused = async (change: (commits: Commit[]) => Commit[], store: DigestStore) => {
      const puts: number[] = [];
      const watched: DigestStore = {
        ...store,
        put: async (digest) => {
          puts.push(digest.number);
          return 'stored';
        },
      };
      const outcome = await made({ journal: changed(bank.chain, change), store: watched });
      expect(puts).toEqual([]);
      return outcome;
    };
    const lastOf = (commits: Commit[]) => commits.at(-1)!;
    const fault = (seq: number, reason: unknown) => ({
      outcome: 'refused',
      faults: [{ tenant: 'CU_TEST', chain: bank.chain, seq, reason }],
    });
    let commits: Commit[];
    beforeAll(async () => {
      commits = await Array.fromAsync(bank.journal.read({ tenantId: 'CU_TEST', chain: bank.chain }, { afterSeq: 0 }));
    });

    it('where a chain went back', async () => {
      const end = commits.at(-2)!.lastSeq;
      const head = lastOf(commits).lastSeq;
      expect(await refused((all) => all.slice(0, -1), bank.store)).toEqual(
        fault(head, `The chain went back: digest 3 has its head at seq ${head}, the journal ends at seq ${end}`),
      );
    });

    it('where a chain was rewritten from before the last head, with all hashes right', async () => {
      const head = lastOf(commits).lastSeq;
      const rewrite = (all: Commit[]) => rehashed(all, 2, (line) => line.replace('"Test"', '"Best"'));
      expect(await refused(rewrite, bank.store)).toEqual(
        fault(head, `The chain was rewritten: digest 3 has its head at seq ${head} with another hash`),
      );
      const claimed = (all: Commit[]) => [
        ...all.slice(0, -1),
        { ...rewrite(all).at(-1)!, headHash: lastOf(all).headHash },
      ];
      expect(await refused(claimed, bank.store)).toMatchObject({ outcome: 'refused' });
    });

    it.each<[string, (commit: Commit) => Commit, string | RegExp]>([
      ['line was changed', (c) => ({ ...c, body: c.body.replace('"Test"', '"Best"') }), /not those that were hashed/],
      ['commit has another head', (c) => ({ ...c, headHash: sha256('x') }), /not those that were hashed/],
      ['commit follows another', (c) => ({ ...c, prevHash: sha256('x') }), /does not follow/],
      ['commit is missing', (c) => ({ ...c, firstSeq: c.firstSeq + 1 }), /begins at seq/],
      ['commit ends elsewhere', (c) => ({ ...c, lastSeq: c.lastSeq + 1 }), /claims to end/],
      ['line is misnumbered', (c) => ({ ...c, body: c.body.replace('{"seq":', '{"seq":1') }), /begin with its number/],
    ])('where a %s', async (_, change, reason) => {
      const at = commits.findIndex(({ body }) => body.includes('"Test"'));
      const outcome = await refused((all) => all.with(at, change(all[at]!)), createMemoryDigests());
      expect(outcome).toEqual(fault(commits[at]!.firstSeq, expect.stringMatching(reason)));
    });

    it('where the journal holds what is no commit', async () => {
      const journal: Journal = {
        ...bank.journal,
        // oxlint-disable-next-line require-yield
        async *read() {
          throw new Error('Cannot read the item: it is no commit');
        },
      };
      expect(await made({ journal, store: createMemoryDigests() })).toMatchObject({
        outcome: 'refused',
        faults: Array.from({ length: 17 }, () => ({ seq: 1, reason: 'Cannot read the item: it is no commit' })),
      });
    });
  });

  it('tells a journal that cannot be reached from one that is damaged', async () => {
    const journal: Journal = {
      ...bank.journal,
      commitAt: () => Promise.reject(new JournalUnavailableError('Out of reach')),
    };
    await expect(made({ journal })).rejects.toThrow(JournalUnavailableError);
  });

  it('does not extend a digest that is not sound, or of a key that is not known', async () => {
    const last = bank.digests.at(-1)!;
    const holding = (digest: typeof last): DigestStore => ({ ...bank.store, latest: async () => digest });
    await expect(made({ store: holding({ ...last, heads: last.heads.slice(1) }) })).rejects.toThrow(
      'Cannot extend digest 3 of CU_TEST: The leaves are not those of the statement',
    );
    const next = createKeySigner(makePrivateKey());
    await expect(made({ signer: next })).rejects.toThrow('The signature was not made by this key');
    const formerKeys = [await bank.signer.publicKeyPem()];
    const { tenant, journal, store } = bank;
    expect(await makeDigest({ tenant, journal, store, signer: next, now, formerKeys })).toMatchObject({
      outcome: 'unchanged',
    });
  });

  it('begins with a tenant whose creation was refused before it succeeded', async () => {
    const journal = createMemoryJournal();
    const gateway = gatewayOn(journal);
    const payload = { tenantCode: 'CU_TEST', displayName: 'T', region: 'AU', baseCurrency: 'AUD', timeZone: 'No' };
    await send(gateway, command('CreateTenant', payload, { id: 'nowhere' }));
    entityOf(await send(gateway, createTenant()));
    expect(await made({ journal, store: createMemoryDigests() })).toMatchObject({
      outcome: 'made',
      digest: { heads: { length: 17 }, periods: [expect.stringMatching(/^CU_TEST#chain#catalog 1 2 /)] },
    });
  });

  it('makes no digest of a chain that does not begin with its tenant', async () => {
    const journal = createMemoryJournal();
    const [commit] = commitsOfDrafts({ tenantId: 'CU_ODD', chain: 'catalog' }, [[opened('acc_00_x')]]);
    await journal.append({ commits: [commit!], reservations: [] });
    await expect(made({ tenant: 'CU_ODD', journal, store: createMemoryDigests() })).rejects.toThrow('how many chains');
  });
});
