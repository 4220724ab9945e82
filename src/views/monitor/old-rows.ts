import { parseLine } from '../../core/chain/line.ts';
import { type ChainRef, fullChainName } from '../../core/chain/name.ts';
import { isUnavailable, type Journal } from '../../journal/port.ts';

/** What a breach rests on that only a row of the views shows: the balance there, and the one that the event takes for granted. */
export interface RowClaim {
  accountId: string;
  seq: number;
  /** Last event that the row holds. Absent for a line of the ledger, which shares its row, and so the row's seq, with others. */
  rowSeq?: number;
  rowMinor: number;
  dueMinor: number;
}

/** Numbers of events that are looked at first; then twice as many further back, and so on. */
const FIRST_EVENTS = 1_000;
/** How far back is looked: some seconds of reading. What cannot be explained from there counts as a breach. */
const MOST_EVENTS = 1_000_000;
/** Claims of old rows that are remembered: the stream delivers a batch with one again and again, until its chain is rebuilt. */
const CLAIMS_REMEMBERED = 10_000;

/** @returns whether what each claim rests on is a row that is older than it should be. @throws JournalUnavailableError */
export type OldRows = (ref: ChainRef, claims: readonly RowClaim[]) => Promise<boolean>;

/**
 * Tells a breach from a row that is older than it should be: somebody who was overtaken has put it over a newer one. The journal
 * knows: the event continues the balance of the account's event before it, and the row holds the balance that the account had
 * where the row says it stands, or, of a line, any that it had before. What was found so is not looked for again.
 */
export function createOldRows(journal: Journal, { mostEvents = MOST_EVENTS } = {}): OldRows {
  const known = new Set<string>();
  return async (ref, claims) => {
    const nameOf = (claim: RowClaim): string => `${fullChainName(ref)} ${JSON.stringify(claim)}`;
    const fresh = claims.filter((claim) => !known.has(nameOf(claim)));
    if (fresh.length === 0) return true;
    try {
      if (!(await areAllOld(journal, ref, { claims: fresh, mostEvents }))) return false;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return false; // what stands there cannot be read, so it explains nothing
    }
    if (known.size + fresh.length > CLAIMS_REMEMBERED) known.clear();
    for (const claim of fresh) known.add(nameOf(claim));
    return true;
  };
}

async function areAllOld(
  journal: Journal,
  ref: ChainRef,
  { claims, mostEvents }: { claims: readonly RowClaim[]; mostEvents: number },
): Promise<boolean> {
  let open = claims.map((claim) => ({ ...claim, continues: false }));
  let end = Math.max(...claims.map(({ seq }) => seq)) + 1;
  const least = end - mostEvents;
  for (let events = FIRST_EVENTS; open.length > 0; events *= 2) {
    const afterSeq = Math.max(0, end - 1 - events);
    const { balances, firstSeq } = await readBalances(journal, ref, { afterSeq, end });
    const before = ({ accountId, seq }: RowClaim) =>
      (balances.get(accountId) ?? []).filter((balance) => balance.seq < seq);
    for (const claim of open) {
      const last = before(claim).at(-1);
      if (last === undefined || claim.continues) continue;
      // A row that holds the last event is as new as can be, whatever it says.
      if (last.balanceMinor !== claim.dueMinor || last.seq <= (claim.rowSeq ?? 0)) return false;
      claim.continues = true;
    }
    const found = open.map((claim) => ({ claim, holds: holdsBalance(claim, before(claim)) }));
    if (found.some(({ holds }) => holds === false)) return false;
    open = found.flatMap(({ claim, holds }) => (holds ? [] : [claim]));
    // Before its first event an account has nothing.
    if (afterSeq === 0) return open.every(({ continues, rowMinor }) => continues && rowMinor === 0);
    if (afterSeq < least) return open.length === 0;
    end = Math.min(end, firstSeq);
  }
  return true;
}

/** @returns whether a row holds one of these balances that an old one may hold; undefined where only earlier ones can tell */
function holdsBalance({ rowSeq, rowMinor }: RowClaim, balances: readonly Balance[]): boolean | undefined {
  if (rowSeq === undefined) return balances.some(({ balanceMinor }) => balanceMinor === rowMinor) || undefined;
  const own = balances.findLast(({ seq }) => seq <= rowSeq);
  return own && own.balanceMinor === rowMinor;
}

interface Balance {
  seq: number;
  balanceMinor: number;
}

/** Reads the balances in the commits that begin after one event and before another, by account. */
async function readBalances(
  journal: Journal,
  ref: ChainRef,
  { afterSeq, end }: { afterSeq: number; end: number },
): Promise<{ balances: ReadonlyMap<string, Balance[]>; firstSeq: number }> {
  const balances: (Balance & { accountId: string })[] = [];
  let firstSeq = end;
  for await (const commit of journal.read(ref, { afterSeq })) {
    if (commit.firstSeq >= end) break;
    firstSeq = Math.min(firstSeq, commit.firstSeq);
    for (const { type, entityId: accountId, seq, payload } of commit.body.split('\n').map(parseLine))
      if (type === 'AccountBalanceUpdated') balances.push({ accountId, seq, balanceMinor: payload.balanceMinor });
  }
  return { balances: Map.groupBy(balances, ({ accountId }) => accountId), firstSeq };
}
