import { beforeAll, describe, expect, it } from 'vitest';
import { rebuildChains, rebuildStep } from '../../lambdas/sweep/rebuild.ts';
import { rebuildAll as tellRebuild } from '../../src/cli/rebuild/run-rebuild.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { linkHash } from '../../src/core/chain/hash.ts';
import { CATALOG, type ChainRef, chainsOf, fullChainName } from '../../src/core/chain/name.ts';
import { type Commit, JournalUnavailableError } from '../../src/journal/port.ts';
import { headText } from '../../src/proof/statement.ts';
import { copyDigest } from '../../src/views/digests/digest-copies.ts';
import { accountKey, breachKey, cursorKey, digestCountKey, digestKey } from '../../src/views/keys.ts';
import type { Breach } from '../../src/views/monitor/breach.ts';
import { leaveDoubt } from '../../src/views/projection/doubt.ts';
import { extendShadow } from '../../src/views/rebuild/rebuild-chain.ts';
import { createShadow } from '../../src/views/rebuild/shadow-store.ts';
import { sha256 } from '../../src/journal/sha256.ts';
import { createMemoryViews, type MemoryViews } from '../../src/views/store/memory-views.ts';
import { bankMonth } from '../support/bank-month.ts';
import { commitsOf } from '../support/deliveries.ts';
import {
  catchUp,
  cleanRows,
  damaged,
  headsOfNothing,
  NOW,
  rebuildAll,
  rebuildOptions,
  type Whole,
} from '../support/rebuilds.ts';

const TENANT = 'CU_TEST';
const RUN = `${NOW}-one`;
/** As much of a digest as nobody looks at here. */
const TEXTS = { statement: '{}', signature: Buffer.from('signature'), key: 'key', publicKey: 'PEM', periods: [] };

describe('a rebuild of a chain of which the journal has lost what the views know', () => {
  let journal: Whole;
  let ref: ChainRef;
  let own: Commit[];
  let member: string;
  let other: string;

  beforeAll(async () => {
    const month = await bankMonth({ members: 3, entries: 40 });
    journal = month.journal;
    member = month.members[0]!.accountId;
    ref = { tenantId: TENANT, chain: member.slice(4, 6) };
    other = month.members.find(({ accountId }) => accountId.slice(4, 6) !== ref.chain)!.accountId;
    own = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === ref.chain);
  });

  /** Views of all that there was, with a wrong row on another chain. */
  async function projected(): Promise<MemoryViews> {
    const store = createMemoryViews();
    await catchUp(journal, store);
    await store.put([{ key: accountKey(TENANT, other), doc: { seq: 1 } }]);
    return store;
  }
  /** The same, rebuilt once before, and then somebody was late with a row of the chain. */
  async function rebuiltBefore(): Promise<MemoryViews> {
    const store = createMemoryViews();
    await rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: `${NOW}-before` });
    const key = accountKey(TENANT, member);
    const [doc] = await store.get([key]);
    await store.put([{ key, doc }]);
    return store;
  }

  const DAMAGES: [string, (commits: readonly Commit[]) => Commit[], RegExp][] = [
    ['was cut off', (commits) => commits.slice(0, -1), /they know its events up to \d+, and the journal ends at \d+/],
    ['is gone', () => [], /they know its events up to \d+, and the journal ends at 0/],
    [
      'was rewritten',
      (commits) => commits.map((commit) => ({ ...commit, headHash: sha256(commit.headHash) })),
      /they have seen another event \d+ than the one that the journal has/,
    ],
    [
      'was cut off, and written on',
      (commits) => {
        const last = commits.at(-1)!;
        const lastSeq = last.lastSeq + 2;
        return [...commits.slice(0, -1), { ...last, lastSeq, body: last.body + '\n{}'.repeat(lastSeq - last.lastSeq) }];
      },
      /they have seen another event \d+ than the one that the journal has/,
    ],
    [
      'lacks a commit',
      (commits) => commits.filter((_, at) => at !== 1),
      /they know its events up to \d+, and events? \d+.* (is|are) missing: the journal has a gap there/,
    ],
  ];

  it.each(DAMAGES)('%s: it is refused with all its rows, and the others are rebuilt', async (_, change, reason) => {
    const store = await projected();
    const options = rebuildOptions(damaged(journal, ref, change, own), store);
    const state = await rebuildAll(options, { tenantId: TENANT, run: RUN });
    expect(state.refused).toEqual([{ chain: ref.chain, reason: expect.stringMatching(reason) as string }]);
    expect(state.refused[0]?.reason).toContain(`Cannot rebuild the views of ${fullChainName(ref)}: `);
    expect(state.refused[0]?.reason).toContain('docs/operating/runbook.md#rebuild-the-view');
    expect(state.rebuilt).toBe(16);
    expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
  });

  /** What a digest is signed over. */
  const headsOf = async (of: Whole): Promise<string[]> =>
    Promise.all(
      chainsOf(16).map(async (chain) => {
        const last = await of.lastCommit({ tenantId: TENANT, chain });
        const genesis = sha256(fullChainName({ tenantId: TENANT, chain }));
        return headText(TENANT, { chain, seq: last?.lastSeq ?? 0, hash: last?.headHash ?? genesis });
      }),
    );

  it.each(DAMAGES.slice(0, 3))('%s, and the views went along: a digest tells', async (_, change) => {
    const of = damaged(journal, ref, change, own);
    const store = createMemoryViews();
    await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: `${NOW}-along` });
    await copyDigest(store, { tenant: TENANT, number: 1, heads: await headsOf(journal), ...TEXTS });
    const before = store.dump();
    const state = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
    const reason = expect.stringMatching(/digest 1 was signed over (its events up to|another event) \d+/) as string;
    expect(state.refused).toEqual([{ chain: ref.chain, reason }]);
    expect(state.rebuilt).toBe(16);
    const rowsOf = (dump: Record<string, unknown>) => Object.entries(dump).filter(([key]) => key.includes(member));
    expect(rowsOf(store.dump())).toEqual(rowsOf(before));
  });

  it.each([
    ['one commit', 1],
    ['two commits', 2],
  ])('lacks %s: the events that are missing are named, and not the one after them', async (_, gone) => {
    const of = damaged(journal, ref, (commits) => [commits[0]!, ...commits.slice(1 + gone)], own);
    const { refused } = await rebuildAll(rebuildOptions(of, await projected()), { tenantId: TENANT, run: RUN });
    const [first, last] = [own[1]!.firstSeq, own[gone]!.lastSeq];
    const missing = first === last ? `event ${first} is missing` : `events ${first} to ${last} are missing`;
    const what = `they know its events up to ${own.at(-1)!.lastSeq}, and ${missing}: the journal has a gap there.`;
    expect(refused[0]?.reason).toContain(what);
  });

  it('lacks the commit that a digest was signed over: that is told as a gap', async () => {
    const store = createMemoryViews();
    const of = damaged(journal, ref, (commits) => commits.filter((_, at) => at !== 1), own);
    const then = damaged(journal, ref, (commits) => commits.slice(0, 2), own);
    await copyDigest(store, { tenant: TENANT, number: 1, heads: await headsOf(then), ...TEXTS });
    const { refused } = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
    const what = `digest 1 was signed over its events up to ${own[1]!.lastSeq}, and that one is missing: the journal has a gap`;
    expect(refused).toEqual([{ chain: ref.chain, reason: expect.stringContaining(what) as string }]);
  });

  /** Views that were up to date when somebody took the end of the chain away and wrote on, with hashes that are right: they went along. */
  async function forked(junk: readonly string[] = []) {
    const store = createMemoryViews();
    const [last, ...before] = [...own].reverse();
    const kept = before.reverse();
    const { prevHash, firstSeq } = last!;
    const lines = last!.body.split('\n').map((line) => line.replace('"occurredAt":"20', '"occurredAt":"19'));
    const relinked = (after: string): string => lines.reduce((hash, line) => linkHash(hash, line, sha256), after);
    const forged = { ...last!, body: lines.join('\n'), headHash: relinked(prevHash) };
    const written = lines.map((line, index) =>
      line.replace(`"seq":${firstSeq + index},`, `"seq":${last!.lastSeq + 1 + index},`),
    );
    const end = last!.lastSeq + lines.length;
    const second = [...written, ...junk.map((type, index) => `{"seq":${end + 1 + index},"type":"${type}"}`)];
    const next: Commit = {
      ...forged,
      firstSeq: last!.lastSeq + 1,
      lastSeq: end + junk.length,
      prevHash: forged.headHash,
      body: second.join('\n'),
      headHash: second.reduce((hash, line) => linkHash(hash, line, sha256), forged.headHash),
    };
    await catchUp(journal, store);
    const of = damaged(journal, ref, () => [...kept, forged, next], own);
    await catchUp(of, store);
    return { store, of };
  }

  it.each([
    ['alone', []],
    ['beside others of the same commit', ['Unknown', 'Stranger']],
  ])(
    'was rewritten and written on, and the views went along: what they had seen stands in the breach, %s',
    async (_, junk) => {
      const { store, of } = await forked(junk);
      const [cursor] = await store.get([cursorKey(ref)]);
      expect(cursor?.seq).toBe((await of.lastCommit(ref))?.lastSeq);
      const before = store.dump();
      const state = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
      const reason = expect.stringMatching(
        /they have seen another event \d+ than the one that the journal has/,
      ) as string;
      expect(state.refused).toEqual([{ chain: ref.chain, reason }]);
      const rowsOf = (dump: Record<string, unknown>) =>
        Object.entries(dump).filter(([key]) => key.includes('#breaches#'));
      expect(rowsOf(store.dump())).toEqual(rowsOf(before));
      const breaks = (dump: Record<string, unknown>) => JSON.stringify(rowsOf(dump)).match(/"seen":/g)?.length ?? 0;
      expect(breaks(before)).toBe(1);

      // The forged chain is whole in itself: that is why nobody would know any more.
      const discard = [ref.chain];
      const again = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: `${NOW}-discard`, discard });
      expect(again.refused).toEqual([]);
      expect(breaks(store.dump())).toBe(0);
    },
  );

  it('was rewritten and written on, and the breach comes after pages of others: it is found', async () => {
    const { store, of } = await forked();
    const others = Array.from({ length: 250 }, (_, index) => ({
      ...breachKey(ref, 0),
      sk: `${breachKey(ref, 0).sk}-${index}`,
    }));
    await store.put(others.map((key) => ({ key, doc: { firstSeq: 0, breaches: {} } })));
    const { refused } = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
    const reason = expect.stringContaining('they have seen another event') as string;
    expect(refused).toEqual([{ chain: ref.chain, reason }]);
  });

  it.each(DAMAGES)('%s: rows of it that came late are evidence too', async (_, change) => {
    const store = await rebuiltBefore();
    const before = store.dump();
    const state = await rebuildAll(rebuildOptions(damaged(journal, ref, change, own), store), {
      tenantId: TENANT,
      run: RUN,
    });
    expect(state.refused).toHaveLength(1);
    expect(store.dump()).toEqual(before);
  });

  it.each(DAMAGES)('%s: a sweep that finds it in doubt, or another one, leaves its rows', async (_, change) => {
    const store = await projected();
    const before = store.dump();
    const of = damaged(journal, ref, change, own);
    const healthy = { tenantId: TENANT, chain: other.slice(4, 6) };
    await leaveDoubt({ store, sha256 }, healthy);
    const failures: string[] = [];
    const failed = ({ chain }: ChainRef, error: unknown) => void failures.push(`${chain} ${String(error)}`);
    let runs = 0;
    const options = { ...rebuildOptions(of, store), failed, unique: () => `sweep${(runs += 1)}` };
    expect(await rebuildChains([healthy], options)).toEqual([fullChainName(healthy)]);
    const clean = await cleanRows(journal, TENANT);
    expect(store.dump()).toEqual(clean);
    expect(before).not.toEqual(clean);

    await leaveDoubt({ store, sha256 }, ref);
    // It is tried by each sweep: rows that came late are looked for in the whole table, which is not worth it for nothing.
    const tenant = () => Promise.reject(new Error('walked the table'));
    expect(await rebuildChains([ref], { ...options, store: { ...store, tenant } })).toEqual([]);
    expect(failures).toEqual([expect.stringContaining(`${ref.chain} EventsLostError: Cannot rebuild`)]);
    expect(store.dump()).toEqual(clean);
    expect((await store.raw(cursorKey(ref)))?.fence).toContain('"doubt":true');
  });

  it.each(DAMAGES.slice(0, 2))('%s: it is rebuilt where that is asked for by its name', async (_, change) => {
    const store = await projected();
    const of = damaged(journal, ref, change, own);
    const state = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN, discard: [ref.chain] });
    expect(state).toMatchObject({ refused: [], rebuilt: 17 });
    const fresh = createMemoryViews();
    await catchUp(of, fresh);
    expect(store.dump()).toEqual(fresh.dump());
  });

  describe('of which the last digest is copied to the views', () => {
    const NUMBER = 1;
    async function signed(): Promise<MemoryViews> {
      const store = createMemoryViews();
      await catchUp(journal, store);
      await copyDigest(store, { tenant: TENANT, number: NUMBER, heads: headsOfNothing(TENANT), ...TEXTS });
      return store;
    }
    const rebuilt = (store: MemoryViews) => rebuildAll(rebuildOptions(journal, store), { tenantId: TENANT, run: RUN });

    it.each<[string, (store: MemoryViews) => Promise<unknown>, string]>([
      ['is damaged', (store) => store.put([{ key: digestKey(TENANT, NUMBER), doc: { seq: NUMBER } }]), 'digest 1'],
      ['is gone', (store) => store.drop([digestKey(TENANT, NUMBER)]), 'digest 1'],
      [
        'is another',
        (store) => store.put([{ key: digestKey(TENANT, NUMBER), doc: { seq: 2, heads: [] } }]),
        'digest 1',
      ],
      ['is counted no more', (store) => store.put([{ key: digestCountKey(TENANT), doc: {} }]), 'the last digest'],
      [
        'is not the last that is counted',
        (store) => store.put([{ key: digestCountKey(TENANT), doc: { seq: 7 } }]),
        'digest 7',
      ],
    ])('a copy that %s tells nothing: no chain is rebuilt, and it is said why', async (_, damage, which) => {
      const store = await signed();
      expect((await rebuilt(store)).refused).toEqual([]);
      await damage(store);
      const before = store.dump();
      const { refused } = await rebuilt(store);
      expect(refused).toHaveLength(17);
      for (const { reason } of refused)
        expect(reason).toContain(`what was signed of them cannot be told: the copy of ${which} in the views`);
      expect(store.dump()).toEqual(before);
      await store.drop([digestKey(TENANT, NUMBER), digestCountKey(TENANT)]);
      expect((await rebuilt(store)).refused).toEqual([]);
    });

    /** Three digests, all copied and counted. */
    async function signedThrice(): Promise<MemoryViews> {
      const store = await signed();
      for (const number of [2, 3])
        await copyDigest(store, { tenant: TENANT, number, heads: headsOfNothing(TENANT), ...TEXTS });
      return store;
    }
    const count = digestCountKey(TENANT);

    it.each<[string, number, (store: MemoryViews) => Promise<unknown>]>([
      ['gone', 0, (store) => store.drop([count])],
      ['0', 0, (store) => store.put([{ key: count, doc: { seq: 0 } }])],
      ['too low', 1, (store) => store.put([{ key: count, doc: { seq: 1 } }])],
      ['too low, with copies gone too', 0, (store) => store.drop([count, digestKey(TENANT, 1), digestKey(TENANT, 2)])],
    ])('their count is %s: no chain is rebuilt, and it is said why', async (_, counted, damage) => {
      const store = await signedThrice();
      expect((await rebuilt(store)).refused).toEqual([]);
      await damage(store);
      const before = store.dump();
      const { refused } = await rebuilt(store);
      expect(refused).toHaveLength(17);
      const why = `the count of the copies of digests in the views is ${counted}, but there is one of digest 3`;
      for (const { reason } of refused) expect(reason).toContain(`what was signed of them cannot be told: ${why}`);
      expect(store.dump()).toEqual(before);
    });

    it('and is not counted yet: it tells all the same', async () => {
      const of = damaged(journal, ref, (commits) => commits.slice(0, -1), own);
      const store = createMemoryViews();
      await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: `${NOW}-along` });
      await copyDigest(store, { tenant: TENANT, number: NUMBER, heads: await headsOf(journal), ...TEXTS });
      await store.drop([count]);
      const state = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
      const reason = expect.stringContaining('digest 1 was signed over its events up to') as string;
      expect(state.refused).toEqual([{ chain: ref.chain, reason }]);
    });

    it('after others that have come while it looked: that is no fault', async () => {
      const store = await signedThrice();
      const old = (await (await signed()).raw(count))!;
      let looks = 0;
      const raw: MemoryViews['raw'] = async (key) =>
        key.sk === count.sk && (looks += 1) % 2 === 1 ? old : store.raw(key);
      expect((await rebuilt({ ...store, raw })).refused).toEqual([]);
      expect(looks).toBe(2 * 17);
    });
  });

  it('has a longer commit in the place of its last one: a shadow takes in what can be read, and comes to its end', async () => {
    const store = createMemoryViews();
    const options = rebuildOptions(journal, store);
    await extendShadow(options, { ref, run: RUN });
    const last = own.at(-1)!;
    const of = damaged(
      journal,
      ref,
      (commits) => [...commits.slice(0, -1), { ...last, lastSeq: last.lastSeq + 1, body: `${last.body}\n{}` }],
      own,
    );
    await extendShadow({ ...options, journal: of }, { ref, run: RUN });
    expect((await createShadow(store, { ref, run: RUN }).cursor(ref))?.seq).toBe(last.lastSeq);
  });

  it('cannot be looked at in the journal just now: nothing is rebuilt, and nothing refused', async () => {
    const store = await projected();
    const before = store.dump();
    const away = { ...journal, commitAt: () => Promise.reject(new JournalUnavailableError('Throttled')) };
    await expect(rebuildAll(rebuildOptions(away, store), { tenantId: TENANT, run: RUN })).rejects.toThrow('Throttled');
    expect(store.dump()).toEqual(before);
  });

  it('loses its end after the rebuild has looked: it is refused when its rows are about to be written', async () => {
    const store = await projected();
    const cut = damaged(journal, ref, (commits) => commits.slice(0, -1), own);
    const options = rebuildOptions({ ...cut, commitAt: journal.commitAt }, store);
    const state = await rebuildAll(options, { tenantId: TENANT, run: RUN });
    const reason = expect.stringContaining(`the journal ends at ${own.at(-2)!.lastSeq}`) as string;
    expect(state.refused).toEqual([{ chain: ref.chain, reason }]);
    expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
  });

  it('is the catalog: which chains there are cannot be told, and rows of one that it does not name stay', async () => {
    const key = accountKey(TENANT, 'acc_77_0000000000000000');
    const stays = async (of: Whole): Promise<boolean> => {
      const store = await projected();
      await store.put([{ key, doc: { seq: 1 } }]);
      const state = await rebuildAll(rebuildOptions(of, store), { tenantId: TENANT, run: RUN });
      expect(state.refused.map(({ chain }) => chain)).toEqual(of === journal ? [] : [CATALOG]);
      return (await store.raw(key)) !== undefined;
    };
    const catalog = { tenantId: TENANT, chain: CATALOG };
    const commits = (await commitsOf(journal, TENANT)).filter(({ chain }) => chain === CATALOG);
    expect(await stays(damaged(journal, catalog, (all) => all.slice(0, -1), commits))).toBe(true);
    expect(await stays(journal)).toBe(false);
  });

  /** What the command prints and exits with, over a function that does the work here. */
  async function told(of: Whole, store: MemoryViews, asked: { tenantId?: string; discard?: string[] } = {}) {
    const breaches: string[] = [];
    const breach = ({ invariant }: Breach) => void breaches.push(invariant);
    const options = { ...rebuildOptions(of, store, { breach }), registry: journal, unique: () => 'one' };
    // What goes over the wire goes as JSON.
    const invoke = async (_: string, event: unknown) =>
      JSON.parse(JSON.stringify(await rebuildStep(JSON.parse(JSON.stringify(event)), options))) as unknown;
    let text = '';
    const stream = { write: (more: string) => (text += more) };
    const terminal = createTerminal({ stdout: stream, stderr: stream, env: {} });
    const code = await tellRebuild(invoke, asked, { terminal, now: () => NOW, stop: new AbortController().signal });
    return { code, text, breaches };
  }

  it('is told by the command, with the exit code of a breach; only a named tenant has chains to discard', async () => {
    const store = await projected();
    const of = damaged(journal, ref, (commits) => commits.slice(0, -1), own);
    const refused = await told(of, store);
    expect(refused).toMatchObject({ code: 5, breaches: [] });
    expect(refused.text).toContain(`${TENANT}  16 chains rebuilt`);
    expect(refused.text).toContain(`${TENANT}  Cannot rebuild the views of ${fullChainName(ref)}: they know`);
    expect((await told(of, store, { tenantId: TENANT, discard: [ref.chain] })).code).toBe(0);
    const unnamed = { ...rebuildOptions(of, store), registry: journal, unique: () => 'one' };
    await expect(rebuildStep({ rebuild: { discard: ['07'] } }, unnamed)).rejects.toThrow('Name the tenant');
  });

  it('of which no digest is known: that is noted, and is no breach', async () => {
    const note = 'No digest of it is known: its journal was held against none';
    const { code, text } = await told(journal, await projected());
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^${TENANT}  17 chains rebuilt .*\n${TENANT}  note  ${note}\n$`));
    const { notes } = await rebuildAll(rebuildOptions(journal, await projected()), { tenantId: TENANT, run: RUN });
    expect(notes).toEqual([note]);

    const store = await projected();
    await copyDigest(store, { tenant: TENANT, number: 1, heads: await headsOf(journal), ...TEXTS });
    expect((await told(journal, store)).text).not.toContain('note');
    await store.drop([digestCountKey(TENANT)]);
    expect((await told(journal, store)).text).not.toContain('note');
  });

  describe('has a byte changed, under hashes that are still the old ones', () => {
    const change = (commits: readonly Commit[]): Commit[] =>
      commits.map((commit, at) =>
        at === 1 ? { ...commit, body: commit.body.replace('"occurredAt":"2', '"occurredAt":"3') } : commit,
      );

    it('is refused where the views have seen it', async () => {
      const store = await projected();
      const { code, text, breaches } = await told(damaged(journal, ref, change, own), store);
      expect({ code, breaches }).toEqual({ code: 5, breaches: ['HASH_CHAIN'] });
      const place = `they know its events up to ${own.at(-1)!.lastSeq}, and event ${own[1]!.firstSeq} is another one now`;
      expect(text).toContain(`${TENANT}  Cannot rebuild the views of ${fullChainName(ref)}: ${place}`);
      expect(store.dump()).toEqual(await cleanRows(journal, TENANT));
    });

    it('is rebuilt where nobody has, or where that is asked for, and the breach is counted and told', async () => {
      const of = damaged(journal, ref, change, own);
      const discarded = await told(of, await projected(), { tenantId: TENANT, discard: [ref.chain] });
      const empty = await told(of, createMemoryViews());
      for (const { code, text, breaches } of [discarded, empty]) {
        expect({ code, breaches }).toEqual({ code: 5, breaches: ['HASH_CHAIN'] });
        expect(text).toContain(`${TENANT}  17 chains rebuilt`);
        expect(text).toContain(`${TENANT}  The journal shows 1 breach of an invariant: turing audit names them`);
      }
    });
  });
});
