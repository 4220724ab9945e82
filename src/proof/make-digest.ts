import { Buffer } from 'node:buffer';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { CATALOG, type ChainRef, chainsOf, fullChainName } from '../core/chain/name.ts';
import { type Commit, type Journal, JournalUnavailableError } from '../journal/port.ts';
import { sha256 } from '../journal/sha256.ts';
import type { ChainFault } from './faults.ts';
import { keyIdOf, PublicKeys } from './keys.ts';
import { GrowingTree, rootOf } from './merkle.ts';
import type { Digest, DigestStore, Signer } from './port.ts';
import { readDigest, type SoundDigest } from './read-digest.ts';
import { type Head, headText, type Period, periodText, statementText } from './statement.ts';

export type DigestOutcome =
  | {
      outcome: 'made';
      digest: Digest;
      /** Whether all chains were read to their ends; the next digest begins where this one stopped. */
      isComplete: boolean;
    }
  /** Nothing has come since the last digest. */
  | { outcome: 'unchanged'; number: number }
  /** Nothing was signed: the journal is not what the last digest said, or does not verify. */
  | { outcome: 'refused'; faults: ChainFault[] };

const never = (): boolean => false;

/** Others who make the same digest are waited out so often. */
const ATTEMPTS = 5;

/**
 * Makes a tenant's next digest. All commits since the last one are read from the journal and verified as they are hashed, and
 * the last one's heads are looked up: a chain that does not verify, does not hold its old head or went back is never signed.
 * @param options.formerKeys public keys (PEM) of signers before this one, by which the last digest may be signed
 * @param options.isEnough asked between commits: once it says so no chain is read further than its next commit, and what was
 * read is signed, so that a history of any length is covered digest by digest
 * @throws JournalUnavailableError when the journal cannot be read, Error when the last digest in the store is not sound
 */
export async function makeDigest(options: {
  tenant: string;
  journal: Pick<Journal, 'read' | 'commitAt' | 'lastCommit'>;
  store: DigestStore;
  signer: Signer;
  /** ISO 8601 UTC with milliseconds. */
  now: () => string;
  formerKeys?: readonly string[];
  isEnough?: () => boolean;
}): Promise<DigestOutcome> {
  const { tenant, journal, store, signer, isEnough = never } = options;
  const publicKey = await signer.publicKeyPem();
  const keys = new PublicKeys([publicKey, ...(options.formerKeys ?? [])]);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const last = await latestOf(tenant, store, keys);
    const reading = await readTenant({ tenant, journal, last, isEnough });
    if (reading.faults.length > 0) return { outcome: 'refused', faults: reading.faults };
    if (last && reading.periods.length === 0) return { outcome: 'unchanged', number: last.statement.number };
    const heads = reading.heads.map((head) => headText(tenant, head));
    const periods = reading.periods.map((period) => periodText(tenant, period));
    const number = (last?.statement.number ?? 0) + 1;
    const statement = statementText({
      tenant,
      number,
      at: options.now(),
      previous: last ? sha256(last.text) : null,
      heads: rootOf(heads),
      events: rootOf(periods),
    });
    const signature = await signer.sign(Buffer.from(statement));
    const digest = { tenant, number, statement, signature, key: keyIdOf(publicKey), heads, periods };
    if ((await store.put(digest)) === 'stored') return { outcome: 'made', digest, isComplete: reading.isComplete };
  }
  throw new Error(`Cannot make a digest of ${tenant}: others made theirs in between ${ATTEMPTS} times`);
}

async function latestOf(tenant: string, store: DigestStore, keys: PublicKeys): Promise<SoundDigest | undefined> {
  const digest = await store.latest(tenant);
  if (!digest) return undefined;
  const read = readDigest(digest, { tenant, number: digest.number, keys });
  if ('fault' in read) throw new Error(`Cannot extend digest ${digest.number} of ${tenant}: ${read.fault}`);
  return read;
}

interface Reading {
  heads: Head[];
  periods: Period[];
  faults: ChainFault[];
  isComplete: boolean;
}

type Chains = Pick<Journal, 'read' | 'commitAt' | 'lastCommit'>;

async function readTenant(options: {
  tenant: string;
  journal: Chains;
  last: SoundDigest | undefined;
  isEnough: () => boolean;
}): Promise<Reading> {
  const { tenant, journal, last, isEnough } = options;
  const reading: Reading = { heads: [], periods: [], faults: [], isComplete: true };
  const starts = last?.heads ?? (await emptyHeads(tenant, journal));
  for (const start of starts) {
    const ref = { tenantId: tenant, chain: start.chain };
    const grown = new GrowingTree();
    const head = { ...start };
    const end = await follow({ ref, journal, head, grown, number: last?.statement.number, isEnough });
    if (typeof end === 'object') {
      reading.faults.push({ tenant, chain: ref.chain, ...end });
      continue;
    }
    reading.isComplete &&= end === 'end';
    reading.heads.push(head);
    if (head.seq > start.seq)
      reading.periods.push({ chain: ref.chain, from: start.seq + 1, to: head.seq, root: grown.root() });
  }
  return reading;
}

/** Before the first digest: all chains at their beginning, as many as the event says that created the tenant. */
async function emptyHeads(tenant: string, journal: Chains): Promise<Head[]> {
  const chains = await chainCountOf(tenant, journal);
  return chainsOf(chains).map((chain) => ({
    chain,
    seq: 0,
    hash: genesisHash(fullChainName({ tenantId: tenant, chain }), sha256),
  }));
}

/** Mostly the first event creates the tenant, but refused attempts may stand before it. */
async function chainCountOf(tenant: string, journal: Chains): Promise<number> {
  let seq = 1;
  for (;;) {
    const commit = await journal.commitAt({ tenantId: tenant, chain: CATALOG }, seq);
    if (!commit && seq === 1) throw new Error(`Cannot make a digest of ${tenant}: there is no such tenant`);
    if (!commit) throw new Error(`Cannot make a digest of ${tenant}: no event says how many chains it has`);
    for (const line of commit.body.split('\n')) {
      const { type, payload } = JSON.parse(line);
      const chains: unknown = payload?.chains;
      if (
        type === 'TenantCreated' &&
        typeof chains === 'number' &&
        Number.isInteger(chains) &&
        chains >= 1 &&
        chains <= 99
      )
        return chains;
    }
    seq = commit.lastSeq + 1;
  }
}

/** Moves `head` to the chain's end, or as far as is enough. @returns how far it came, or what keeps the chain from being signed */
async function follow(options: {
  ref: ChainRef;
  journal: Chains;
  head: Head;
  grown: GrowingTree;
  number: number | undefined;
  isEnough: () => boolean;
}): Promise<'end' | 'enough' | { seq: number; reason: string }> {
  const { ref, journal, head, grown, number, isEnough } = options;
  try {
    const lost = head.seq > 0 ? await faultOfOldHead(ref, journal, head, number) : undefined;
    if (lost !== undefined) return { seq: head.seq, reason: lost };
    const start = head.seq;
    for await (const commit of journal.read(ref, { afterSeq: start })) {
      // Each chain that has something new gets on by a commit at least: none waits for ever.
      if (head.seq > start && isEnough()) return 'enough';
      const fault = take(commit, head, grown);
      if (fault) return fault;
    }
    return 'end';
  } catch (cause) {
    if (cause instanceof JournalUnavailableError || !(cause instanceof Error)) throw cause;
    // An item that is no commit, a body that cannot be unpacked.
    return { seq: head.seq + 1, reason: cause.message };
  }
}

/** @returns why the head of the last digest is not the journal's any more */
async function faultOfOldHead(
  ref: ChainRef,
  journal: Chains,
  head: Head,
  number: number | undefined,
): Promise<string | undefined> {
  const said = `digest ${number} has its head at seq ${head.seq}`;
  const commit = await journal.commitAt(ref, head.seq);
  if (!commit) {
    const end = (await journal.lastCommit(ref))?.lastSeq ?? 0;
    return end < head.seq
      ? `The chain went back: ${said}, the journal ends at seq ${end}`
      : `The chain does not hold seq ${head.seq} any more: ${said}`;
  }
  const before = { chain: ref.chain, seq: commit.firstSeq - 1, hash: commit.prevHash };
  if (take(commit, before, new GrowingTree()) || before.seq !== head.seq || before.hash !== head.hash)
    return `The chain was rewritten: ${said} with another hash`;
  return undefined;
}

/** Moves `head` past a commit and its hashes into the tree. @returns why the commit does not follow the head */
function take(commit: Commit, head: Head, grown: GrowingTree): { seq: number; reason: string } | undefined {
  const seq = head.seq + 1;
  if (commit.firstSeq !== seq) return { seq, reason: `A commit begins at seq ${commit.firstSeq} where ${seq} is due` };
  if (commit.prevHash !== head.hash) return { seq, reason: 'A commit does not follow the hash before it' };
  for (const line of commit.body.split('\n')) {
    if (!line.startsWith(`{"seq":${head.seq + 1},`))
      return { seq: head.seq + 1, reason: `Line ${head.seq + 1} does not begin with its number` };
    head.seq += 1;
    head.hash = linkHash(head.hash, line, sha256);
    grown.addHash(head.hash);
  }
  if (commit.lastSeq !== head.seq) return { seq, reason: `A commit claims to end at seq ${commit.lastSeq}` };
  if (commit.headHash !== head.hash)
    return { seq, reason: `The lines ${seq} to ${head.seq} are not those that were hashed` };
  return undefined;
}
