import { Buffer } from 'node:buffer';
import { genesisHash, linkHash } from '../core/chain/hash.ts';
import { chainOfId, fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { keyIdOf } from './keys.ts';
import { WholeTree } from './merkle.ts';
import type { Digest } from './port.ts';
import { AccountDays, faultOfDay } from './proof-day.ts';
import { parsePeriod, parseStatement, type Period } from './statement.ts';

export const ACCOUNT_PROOF_FORMAT = 'turingcore-account-proof/1';

/** All events of one account that digests cover, and nothing of anybody else: each can be followed to a signature. */
export interface AccountProof {
  format: typeof ACCOUNT_PROOF_FORMAT;
  tenant: string;
  account: string;
  /** The balance is that at the end of this day, by value date: `YYYY-MM-DD`. */
  at: string;
  /** PEM. */
  publicKeys: string[];
  digests: ProvedPeriod[];
  events: ProvedEvent[];
}

/** A digest, and the way from the account's chain to its root. */
export interface ProvedPeriod {
  statement: string;
  /** DER in base64. */
  signature: string;
  /** Leaf of the chain's events since the digest before. */
  period: string;
  /** Place of that leaf among all, and their number. Not signed: all that they tell is on which side each hash of the path stands. */
  index: number;
  size: number;
  path: string[];
}

export interface ProvedEvent {
  /** Number of the digest. */
  digest: number;
  previousHash: string;
  /** The exact line. */
  line: string;
  /** The way from its hash to the period's root. */
  path: string[];
}

/**
 * Makes an account's proof.
 * @param options.lines all lines of the account's chain from its first, or as many as the last digest covers
 * @param options.digests all of the tenant, by rising number
 * @param options.at `YYYY-MM-DD`
 * @throws Error where the lines are not those that the digests speak of, no digest covers the account, or the day is one that
 * they cannot speak for
 */
export async function makeAccountProof(options: {
  tenant: string;
  account: string;
  at: string;
  lines: AsyncIterable<string> | Iterable<string>;
  digests: Iterable<Digest>;
  publicKeys: readonly string[];
}): Promise<AccountProof> {
  const { tenant, account, at } = options;
  const chain = chainOfAccount(account);
  const periods = periodsOf(chain, options.digests);
  const proof: AccountProof = {
    format: ACCOUNT_PROOF_FORMAT,
    tenant,
    account,
    at,
    publicKeys: [],
    digests: [],
    events: [],
  };
  const keys = new Set<string>();
  let [seq, hash] = [0, genesisHash(fullChainName({ tenantId: tenant, chain }), sha256)];
  let [hashes, found]: [string[], Found[]] = [[], []];
  for await (const line of options.lines) {
    const current = periods[0];
    if (!current) break; // No digest covers what comes.
    const previousHash = hash;
    hash = linkHash(hash, line, sha256);
    seq += 1;
    hashes.push(hash);
    if (isOf(account, line)) found.push({ previousHash, line, place: hashes.length - 1 });
    if (seq < current.period.to) continue;
    const tree = new WholeTree(hashes);
    if (tree.root() !== current.period.root)
      throw new Error(`Cannot prove account ${account}: its chain is not what digest ${current.digest.number} says`);
    if (found.length > 0) {
      const { digest } = current;
      keys.add(digest.key);
      proof.digests.push(provedPeriod(current));
      for (const { place, ...event } of found)
        proof.events.push({ digest: digest.number, ...event, path: tree.path(place) });
    }
    periods.shift();
    [hashes, found] = [[], []];
  }
  if (periods.length > 0) throw new Error(`Cannot prove account ${account}: lines of its chain are missing`);
  if (proof.events.length === 0)
    throw new Error(
      `Cannot prove account ${account}: no digest covers an event of it. There is no such account, or it was opened later`,
    );
  const fault = faultOfDay(at, daysOf(proof));
  if (fault !== undefined) throw new Error(`Cannot prove the balance of account ${account}: ${fault}`);
  proof.publicKeys = options.publicKeys.filter((pem) => keys.has(keyIdOf(pem)));
  return proof;
}

function daysOf({ digests, events }: AccountProof): ReturnType<AccountDays['until']> {
  const days = new AccountDays();
  for (const { line } of events) {
    const { type, occurredAt, payload } = JSON.parse(line);
    if (type === 'AccountOpened') days.add(occurredAt);
    if (type === 'AccountBalanceUpdated') days.add(payload.valueDate);
  }
  return days.until(parseStatement(digests.at(-1)?.statement ?? '')?.at ?? '');
}

interface Found {
  previousHash: string;
  line: string;
  /** Place among the hashes of the period. */
  place: number;
}

interface ChainPeriod {
  digest: Digest;
  period: Period;
  index: number;
}

function periodsOf(chain: string, digests: Iterable<Digest>): ChainPeriod[] {
  return [...digests].flatMap((digest) =>
    digest.periods.flatMap((text, index) => {
      const period = parsePeriod(digest.tenant, text);
      return period?.chain === chain ? [{ digest, period, index }] : [];
    }),
  );
}

function provedPeriod({ digest, index }: ChainPeriod): ProvedPeriod {
  const { statement, signature, periods } = digest;
  return {
    statement,
    signature: Buffer.from(signature).toString('base64'),
    period: periods[index] ?? '',
    index,
    size: periods.length,
    path: new WholeTree(periods).path(index),
  };
}

/** The text is looked for before the line is parsed: most lines are of other accounts. */
function isOf(account: string, line: string): boolean {
  return line.includes(`"entityId":"${account}"`) && JSON.parse(line).entityId === account;
}

/** @throws for a general-ledger account, which stands on every chain, and for what is no account */
function chainOfAccount(account: string): string {
  const chain = account.startsWith('acc_') ? chainOfId(account) : undefined;
  if (chain === undefined) throw new Error(`Cannot prove "${account}": it is no account of a member`);
  return chain;
}
