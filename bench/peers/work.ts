import { hash as digest } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ACCOUNTS } from './peer.ts';

/** A posting between a member's account and the clearing account, as the event stores are asked for it. */
export interface Posting {
  key: string;
  account: string;
  /** Above 0 into the account. */
  amountMinor: number;
}

/** What is stored of a posting: both legs, and its place in the account's hash chain. */
export interface Posted {
  seq: number;
  key: string;
  bookingDate: string;
  valueDate: string;
  currency: string;
  legs: { account: string; amountMinor: number }[];
  balanceMinor: number;
  narrative: string;
  /** SHA-256 of the hash before and of the rest of this, as JSON in this order of fields. */
  hash: string;
}

/** An account as its events make it. */
export interface Account {
  balanceMinor: number;
  seq: number;
  hash: string;
  keys: readonly string[];
}

const OPENING_MINOR = 1_000_000_000;
const FLOOR_MINOR = 0;
const AMOUNT_MAX_MINOR = 5_000;
const CLEARING = 'CLEARING';
const FAULTS_SHOWN = 3;

export function initialAccount(): Account {
  return { balanceMinor: OPENING_MINOR, seq: 0, hash: digest('sha256', 'genesis'), keys: [] };
}

export function evolve(account: Account, event: Posted): Account {
  const { balanceMinor, seq, hash, key } = event;
  return { balanceMinor, seq, hash, keys: [...account.keys, key] };
}

/** @returns the event; or undefined where the key was used before. @throws where it would overdraw the account */
export function decide(account: Account, { key, account: accountId, amountMinor }: Posting): Posted | undefined {
  if (account.keys.includes(key)) return undefined;
  const balanceMinor = account.balanceMinor + amountMinor;
  if (amountMinor < 0 && balanceMinor < FLOOR_MINOR)
    throw new OverdrawnError(`Cannot post to "${accountId}": no funds`);
  const event = {
    seq: account.seq + 1,
    key,
    bookingDate: '2025-03-03',
    valueDate: '2025-03-03',
    currency: 'AUD',
    legs: [
      { account: accountId, amountMinor },
      { account: CLEARING, amountMinor: -amountMinor },
    ],
    balanceMinor,
    narrative: 'Card purchase',
  };
  return { ...event, hash: linked(account.hash, event) };
}

export class OverdrawnError extends Error {
  readonly code = 'OVERDRAWN';
}

/** Postings to make, with keys never used before: spread evenly over the accounts, in and out by turns of chance. */
export function createPostings(seed: number): () => Posting {
  const random = xoroshiro128plus(seed);
  let serial = 0;
  return () => ({
    key: `${seed}-${String(++serial).padStart(12, '0')}`,
    account: `account-${uniformInt(random, 1, ACCOUNTS)}`,
    amountMinor: uniformInt(random, -AMOUNT_MAX_MINOR, AMOUNT_MAX_MINOR),
  });
}

/**
 * Judges what was read back: as many postings as were acknowledged, no key twice, every account's chain unbroken and its balances
 * what its legs make, all legs zero in sum, no account overdrawn; and that the store's own refusals work.
 */
export async function checkPostings(options: {
  accounts: ReadonlyMap<string, readonly Posted[]>;
  acknowledged: number;
  /** Posts one more. @returns whether anything was stored */
  post: (posting: Posting) => Promise<boolean>;
}): Promise<string[]> {
  const { accounts, acknowledged, post } = options;
  const faults: string[] = [];
  const stored = [...accounts.values()].reduce((sum, events) => sum + events.length, 0);
  if (stored !== acknowledged) faults.push(`${acknowledged} postings were acknowledged, ${stored} are there`);
  let sum = 0;
  for (const [id, events] of accounts) {
    let account = initialAccount();
    for (const { hash, ...event } of events) {
      const moved = event.legs.find((leg) => leg.account === id)?.amountMinor ?? Number.NaN;
      sum += event.legs.reduce((total, leg) => total + leg.amountMinor, 0);
      if (event.seq !== account.seq + 1) faults.push(`${id}: ${event.seq} follows ${account.seq}`);
      else if (linked(account.hash, event) !== hash) faults.push(`${id}: the hash of ${event.seq} does not verify`);
      else if (event.balanceMinor !== account.balanceMinor + moved || event.balanceMinor < FLOOR_MINOR)
        faults.push(`${id}: the balance of ${event.seq} is wrong`);
      else if (account.keys.includes(event.key)) faults.push(`${id}: the key ${event.key} is there twice`);
      account = evolve(account, { ...event, hash });
    }
  }
  if (sum !== 0) faults.push(`The legs are ${sum} in sum`);
  const [[id, [first]] = ['', []]] = accounts;
  if (first && (await post({ key: first.key, account: id, amountMinor: 1 })))
    faults.push('A key used before was posted again');
  const overdraft = { key: 'overdraft', account: 'account-1', amountMinor: -2 * OPENING_MINOR };
  const refused = await post(overdraft).then(
    () => false,
    (error: unknown) => error instanceof OverdrawnError,
  );
  if (!refused) faults.push('An overdraft was not refused');
  return faults.slice(0, FAULTS_SHOWN);
}

/** Fields are picked by name: some stores give them back in another order. */
function linked(before: string, event: Omit<Posted, 'hash'>): string {
  const { seq, key, bookingDate, valueDate, currency, legs, balanceMinor, narrative } = event;
  const moves = legs.map(({ account, amountMinor }) => ({ account, amountMinor }));
  const line = { seq, key, bookingDate, valueDate, currency, legs: moves, balanceMinor, narrative };
  return digest('sha256', before + JSON.stringify(line));
}
