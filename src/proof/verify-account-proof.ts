import { Buffer } from 'node:buffer';
import { chainOfId, fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { ACCOUNT_PROOF_FORMAT, type AccountProof, type ProvedEvent, type ProvedPeriod } from './account-proof.ts';
import { PublicKeys } from './keys.ts';
import { rootByPath } from './merkle.ts';
import { AccountDays, faultOfDay, isDay, type ProvedDays } from './proof-day.ts';
import { parsePeriod, parseStatement, type Period } from './statement.ts';
import type { KeptDigests } from './verify-digests.ts';

/** What an account's proof shows. It does not show that no event was left out: see `docs/concepts/verification.md`. */
export interface AccountVerification extends ProvedDays {
  tenant: string;
  account: string;
  at: string;
  /** Ids of the keys by which the signatures were checked. */
  keys: string[];
  /** Numbers of the digests that it rests on. */
  digests: number[];
  /** Those of them that are the ones that were kept. */
  kept: number[];
  events: number;
  /** At the end of the day, by value date, in the minor unit of the currency; as far as there is no fault. */
  balanceMinor: number;
  currency: string;
  /** Time of the last digest: events after it are not in the proof. */
  signedAt: string;
  /** The first fault. */
  fault?: AccountFault;
}

export interface AccountFault {
  tenant: string;
  /** That of the account. */
  chain: string;
  /** Of the event, or the first one that it may be; absent where the fault is one of a digest, or of the proof as a whole. */
  seq?: number;
  /** The last event that it may be, where what stands there does not tell. Absent for `seq` itself. */
  to?: number;
  reason: string;
}

/** An account's event, as much of it as the proof is about. */
interface AccountEvent {
  seq: number;
  type: string;
  entityId: string;
  occurredAt: unknown;
  payload: { currency?: unknown; deltaMinor?: unknown; balanceMinor?: unknown; valueDate?: unknown };
}

/**
 * Verifies an account's proof with nothing but itself: that each event was signed as part of the account's chain, that they are
 * in order from the opening on, and that the balances follow from one another.
 * @param options.publicKeys PEM of the keys that are trusted; without them those of the proof are used, which shows only that
 * it agrees with itself
 * @param options.kept digests that were kept: one of their numbers has to be the same. The proof holds only those it needs
 * @throws Error where the value is no proof or a key is none, with the reason as a clause
 */
export function verifyAccountProof(
  value: unknown,
  options: { publicKeys?: readonly string[]; kept?: KeptDigests } = {},
): AccountVerification {
  const proof = parseProof(value);
  const { tenant, account, at } = proof;
  const chain = chainOfId(account) ?? '';
  const keys = new PublicKeys(options.publicKeys ?? proof.publicKeys);
  const result: AccountVerification = {
    tenant,
    account,
    at,
    keys: keys.ids,
    digests: [],
    kept: [],
    events: 0,
    balanceMinor: 0,
    currency: '',
    signedAt: '',
    firstDay: '',
    lastEventDay: '',
    lastDay: '',
  };
  const refuse = (seq: number | Place | undefined, reason: string): AccountVerification => {
    const place = typeof seq === 'number' ? { seq } : seq;
    return { ...result, fault: { tenant, chain, ...place, reason } };
  };

  const periods = new Map<number, Period>();
  let before: SignedPeriod | undefined;
  const kept = options.kept ?? new Map<number, string>();
  for (const proved of proof.digests) {
    const period = readPeriod(proved, { tenant, chain, keys, kept });
    if ('fault' in period) return refuse(undefined, period.fault);
    if (before && (period.number <= before.number || period.from <= before.to))
      return refuse(undefined, `Digest ${period.number} does not follow digest ${before.number}`);
    periods.set(period.number, period);
    result.digests.push(period.number);
    if (kept.has(period.number)) result.kept.push(period.number);
    result.signedAt = period.at;
    before = period;
  }

  const named = new Set(proof.events.map(({ digest }) => digest));
  // The time of the last digest says how new the proof is: one that no event rests on would make it look newer.
  const idle = result.digests.find((number) => !named.has(number));
  if (idle !== undefined && named.size > 0) return refuse(undefined, `No event names digest ${idle}, which is here`);

  let [lastSeq, balance] = [0, 0];
  const days = new AccountDays();
  for (const proved of proof.events) {
    const read = readEvent(proved, { account, periods, lastSeq });
    if ('fault' in read) return refuse(read.at, read.fault);
    const { seq, type, payload } = read;
    if (seq <= lastSeq) return refuse(seq, `The event at seq ${seq} follows one at seq ${lastSeq}`);
    const opens = type === 'AccountOpened';
    if (opens !== (lastSeq === 0))
      return refuse(seq, opens ? 'The account is opened twice' : 'The first event does not open the account');
    if (opens) {
      if (typeof payload.currency !== 'string' || !/^[A-Z]{3}$/.test(payload.currency))
        return refuse(seq, `The event at seq ${seq} has no currency`);
      result.currency = payload.currency;
      if (typeof read.occurredAt !== 'string') return refuse(seq, `The event at seq ${seq} has no time`);
      days.add(read.occurredAt);
    }
    if (type === 'AccountBalanceUpdated') {
      const { deltaMinor, balanceMinor, valueDate } = payload;
      if (typeof deltaMinor !== 'number' || typeof balanceMinor !== 'number' || typeof valueDate !== 'string')
        return refuse(seq, `The event at seq ${seq} has no amount`);
      if (balance + deltaMinor !== balanceMinor)
        return refuse(
          seq,
          `The balance at seq ${seq} is ${balanceMinor}, not ${balance} and ${deltaMinor}: an event before it is missing`,
        );
      balance = balanceMinor;
      days.add(valueDate);
      if (valueDate <= at) result.balanceMinor += deltaMinor;
    }
    lastSeq = seq;
    result.events += 1;
  }
  if (result.events === 0) return refuse(undefined, 'There is no event');
  const verified = { ...result, ...days.until(result.signedAt) };
  const wrongDay = faultOfDay(at, verified);
  return wrongDay === undefined ? verified : { ...verified, fault: { tenant, chain, reason: wrongDay } };
}

interface SignedPeriod extends Period {
  /** Of the digest. */
  number: number;
  at: string;
}

/** @returns the signed period of the chain */
function readPeriod(
  proved: ProvedPeriod,
  due: { tenant: string; chain: string; keys: PublicKeys; kept: KeptDigests },
): SignedPeriod | { fault: string } {
  const statement = parseStatement(proved.statement);
  if (!statement) return { fault: 'A statement does not have the form of a digest' };
  const { number, at } = statement;
  const kept = due.kept.get(number);
  if (kept !== undefined && kept !== sha256(proved.statement))
    return { fault: `Digest ${number} is not the one that was kept` };
  if (!due.keys.signed(proved.statement, Buffer.from(proved.signature, 'base64')))
    return { fault: `The signature of digest ${number} is not by ${byOf(due.keys)}` };
  if (statement.tenant !== due.tenant) return { fault: `Digest ${number} is that of ${statement.tenant}` };
  const { period: leaf, index, size, path } = proved;
  if (rootByPath({ leaf, index, size, path }) !== statement.events)
    return { fault: `The path from the chain to digest ${number} does not lead there` };
  const period = parsePeriod(due.tenant, leaf);
  if (period?.chain !== due.chain)
    return {
      fault: `The path to digest ${number} is not that of ${fullChainName({ tenantId: due.tenant, chain: due.chain })}`,
    };
  return { ...period, number, at };
}

function byOf({ ids }: PublicKeys): string {
  return ids.length === 0 ? 'a key that is known: there is none' : ids.map((id) => `key ${id}`).join(' or ');
}

type Place = Pick<AccountFault, 'seq' | 'to'>;

/** @returns the signed event, or what is wrong and where: at the seq that it says, if it says one */
function readEvent(
  { digest, previousHash, line, path }: ProvedEvent,
  due: { account: string; periods: ReadonlyMap<number, Period>; lastSeq: number },
): AccountEvent | { fault: string; at: Place | undefined } {
  const period = due.periods.get(digest);
  const event = parseEvent(line);
  if (!period) return { fault: `An event names digest ${digest}, which is not here`, at: event && { seq: event.seq } };
  if (!event) return { fault: 'A line is no event', at: restOf(period, due.lastSeq) };
  const { seq } = event;
  const fault = (reason: string) => ({ fault: reason, at: { seq } });
  // Else bytes might go from the one to the other unseen: they are hashed together.
  if (!/^[0-9a-f]{64}$/.test(previousHash) || !line.startsWith(`{"seq":${seq},`))
    return fault(`The event at seq ${seq} does not begin with its number, after a hash`);
  if (event.entityId !== due.account) return fault(`The event at seq ${seq} is not of the account`);
  const leaf = sha256(previousHash + line);
  const [index, size] = [seq - period.from, period.to - period.from + 1];
  if (rootByPath({ leaf, index, size, path }) !== period.root)
    return fault(`The path from seq ${seq} to digest ${digest} does not lead there`);
  return event;
}

/** @returns where a further event of a period may stand; undefined where there is no room for one */
function restOf({ from, to }: Period, lastSeq: number): Place | undefined {
  const seq = Math.max(from, lastSeq + 1);
  if (seq > to) return undefined;
  return seq === to ? { seq } : { seq, to };
}

function parseEvent(line: string): AccountEvent | undefined {
  try {
    const event: AccountEvent | null = JSON.parse(line); // Only the fields that are checked here are relied upon.
    const payload: unknown = event?.payload;
    return event && Number.isSafeInteger(event.seq) && typeof payload === 'object' && payload !== null
      ? event
      : undefined;
  } catch {
    return undefined;
  }
}

function parseProof(value: unknown): AccountProof {
  const proof = value as Partial<AccountProof> | null; // A claim until the fields have been looked at.
  const isText = (each: unknown) => typeof each === 'string';
  const areTexts = (each: unknown): boolean => Array.isArray(each) && each.every(isText);
  const sound =
    proof?.format === ACCOUNT_PROOF_FORMAT &&
    // They are printed, with what is wrong: names that a ledger cannot give are none.
    /^[A-Z][A-Z0-9_]{1,31}$/.test(String(proof.tenant)) &&
    /^[A-Za-z0-9_-]{1,64}$/.test(String(proof.account)) &&
    [proof.tenant, proof.account, proof.at].every(isText) &&
    isDay(proof.at ?? '') &&
    areTexts(proof.publicKeys) &&
    Array.isArray(proof.digests) &&
    proof.digests.every((each) => areTexts([each?.statement, each?.signature, each?.period]) && areTexts(each.path)) &&
    Array.isArray(proof.events) &&
    proof.events.every((each) => areTexts([each?.previousHash, each?.line]) && areTexts(each.path));
  if (!sound) throw new Error('it is no proof of an account');
  return proof as AccountProof;
}
