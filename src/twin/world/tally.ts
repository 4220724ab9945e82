import type { ExpenditureGroup } from '../data/spending.ts';
import type { DayPlan, EntryIntent, ExpectedRefusal, LoanIntent, Purpose } from './intent.ts';

/** Number and sum of some entries. */
export interface Volume {
  count: number;
  minor: number;
}

export interface DayFigures {
  date: string;
  entries: number;
  volumeMinor: number;
  refused: number;
  /** Balances at the end of the day; loans count as owed, above 0. */
  transactionMinor: number;
  savingsMinor: number;
  termMinor: number;
  loansMinor: number;
}

/** One fraudulent purchase: ground truth for whoever measures detection. */
export interface FraudRecord {
  key: string;
  amountMinor: number;
  accepted: boolean;
}

/** Running totals of what the ledger accepts and refuses. */
export class Tally {
  /** Opening deposits: the ledger's FundsPosted. */
  readonly deposits: Volume = { count: 0, minor: 0 };
  readonly entries: Volume = { count: 0, minor: 0 };
  readonly byPurpose = new Map<Purpose, Volume>();
  readonly byGroup = new Map<ExpenditureGroup, Volume>();
  /** Spending by the tag `category`. */
  readonly byCategory = new Map<string, Volume>();
  readonly refusals = new Map<ExpectedRefusal, number>();
  readonly onlineCards: Volume = { count: 0, minor: 0 };
  readonly loans = { applications: 0, approved: 0, refused: 0 };
  readonly fraud: FraudRecord[] = [];
  readonly days: DayFigures[] = [];

  deposit(amountMinor: number): void {
    if (amountMinor > 0) add(this.deposits, amountMinor);
  }

  loan(intent: LoanIntent): void {
    this.loans.applications += 1;
    if (intent.expect === 'ACCEPTED') this.loans.approved += 1;
    else {
      this.loans.refused += 1;
      this.#refuse(intent.expect);
    }
  }

  entry(intent: EntryIntent): void {
    const amountMinor = volumeOf(intent);
    if (intent.fraud) {
      this.fraud.push({ key: intent.key, amountMinor, accepted: intent.expect === 'ACCEPTED' });
    }
    if (intent.expect !== 'ACCEPTED') {
      this.#refuse(intent.expect);
      return;
    }
    add(this.entries, amountMinor);
    add(volumeIn(this.byPurpose, intent.purpose), amountMinor);
    if (intent.group) {
      add(volumeIn(this.byGroup, intent.group), amountMinor);
      add(volumeIn(this.byCategory, intent.tags.category ?? 'OTHER'), amountMinor);
    }
    if (intent.purpose === 'CARD' && intent.tags.channel === 'ONLINE') add(this.onlineCards, amountMinor);
  }

  /** Entries, volume and refusals of one day, without keeping them. */
  static figuresOf(plan: DayPlan): Pick<DayFigures, 'entries' | 'volumeMinor' | 'refused'> {
    const figures = { entries: 0, volumeMinor: 0, refused: 0 };
    for (const loan of plan.loans) figures.refused += loan.expect === 'ACCEPTED' ? 0 : 1;
    for (const list of [plan.own, plan.settlement, plan.endOfDay]) {
      for (const intent of list) {
        if (intent.expect !== 'ACCEPTED') figures.refused += 1;
        else {
          figures.entries += 1;
          figures.volumeMinor += volumeOf(intent);
        }
      }
    }
    return figures;
  }

  #refuse(code: ExpectedRefusal): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }
}

/** An entry's volume is the sum of its debits. */
function volumeOf(intent: EntryIntent): number {
  let sum = 0;
  for (const leg of intent.legs) if (leg.direction === 'DEBIT') sum += leg.amountMinor;
  return sum;
}

function add(volume: Volume, amountMinor: number): void {
  volume.count += 1;
  volume.minor += amountMinor;
}

function volumeIn<Key>(map: Map<Key, Volume>, key: Key): Volume {
  let volume = map.get(key);
  if (!volume) {
    volume = { count: 0, minor: 0 };
    map.set(key, volume);
  }
  return volume;
}
