import type { ChainEvent, EventPayload } from '../contract/events.ts';
import { VIOLATIONS } from '../contract/refusals.ts';
import { DAYS_MAX, GROUPS_MAX, largest, latest } from './bounds.ts';
import { sumOfDebits } from './legs.ts';
import { shortened } from './shortened.ts';

/**
 * What a tenant's journal holds, counted in the same pass as the audit. Amounts in minor units. Whatever clients name their
 * categories and whenever they book, it stays small enough for the answer of a Lambda (`bounds.ts`).
 */
export interface Statistics {
  currency: string;
  exponent: number;
  members: number;
  accounts: number;
  /** Products of the most accounts, and OTHER. */
  accountsByProduct: Record<string, number>;
  /** EntryPosted events; opening deposits are counted for themselves. */
  entries: number;
  /** Sum of the entries' debits. */
  volumeMinor: number;
  openingDeposits: { entries: number; volumeMinor: number };
  events: number;
  eventsByType: Record<string, number>;
  loans: { applications: number; approved: number; refused: number };
  commands: { accepted: number; refused: number };
  refusedByError: Record<string, number>;
  /**
   * Entries by booking date; commands by the local date of their timestamp. Beyond 3,700 days the earliest are one row, under
   * the date of their last.
   */
  byDay: { date: string; entries: number; volumeMinor: number; accepted: number; refused: number }[];
  /** By the entries' tag `category`: the 40 of the largest volume, largest first, and the others as OTHER. */
  byCategory: { category: string; entries: number; volumeMinor: number }[];
  /** Sums at the end of each value date on which money moved; of the last 3,700 of them and the one before. */
  balancesByDay: { date: string; depositsMinor: number; loansMinor: number }[];
}

export interface StatisticsCollector {
  tenantCreated(tenant: EventPayload<'TenantCreated'>, localDate: (timestamp: string) => string): void;
  event(event: ChainEvent): void;
  /** A member account's balance changed. */
  moved(movement: { productType: string | undefined; valueDate: string; deltaMinor: number }): void;
  /** @param daysMax most days told one by one, default 3,700; @param groupsMax most products and categories, default 40 of each */
  result(daysMax?: number, groupsMax?: number): Statistics;
}

const NO_CATEGORY = 'UNCATEGORISED';
/** Longer names are cut: those that begin alike are then counted together. */
const NAME_MAX_LENGTH = 64;

interface Volume {
  entries: number;
  volumeMinor: number;
}
interface Day extends Volume {
  accepted: number;
  refused: number;
}

export function createStatistics(): StatisticsCollector {
  let currency = '';
  let exponent = 0;
  let localDate = utcDate;
  const eventsByType: Record<string, number> = {};
  const products = new Map<string, number>();
  const refusedByError: Record<string, number> = {};
  const opening = { entries: 0, volumeMinor: 0 };
  const commands = { accepted: 0, refused: 0 };
  let loansRefused = 0;
  const days = new Map<string, Day>();
  const categories = new Map<string, Volume>();
  const changes = new Map<string, { depositsMinor: number; loansMinor: number }>();

  const dayOf = (date: string) => entryOf(days, date, () => ({ entries: 0, volumeMinor: 0, accepted: 0, refused: 0 }));

  function commandDone(event: ChainEvent): void {
    const day = dayOf(localDate(event.occurredAt));
    if (event.type !== 'CommandRefused') {
      commands.accepted += 1;
      day.accepted += 1;
      return;
    }
    commands.refused += 1;
    day.refused += 1;
    count(refusedByError, event.payload.error);
    if (isLoanRefusal(event)) loansRefused += 1;
  }

  return {
    tenantCreated(tenant, dateInZone) {
      currency = tenant.baseCurrency;
      exponent = tenant.currencyExponent;
      localDate = dateInZone;
    },

    event(event) {
      count(eventsByType, event.type);
      if (event.command) commandDone(event);
      if (event.type === 'AccountOpened') {
        const product = shortened(event.payload.productCode, NAME_MAX_LENGTH);
        products.set(product, (products.get(product) ?? 0) + 1);
      }
      if (event.type === 'FundsPosted') {
        opening.entries += 1;
        opening.volumeMinor += sumOfDebits(event.payload.legs);
      }
      if (event.type === 'EntryPosted') {
        const volumeMinor = sumOfDebits(event.payload.legs);
        const category = shortened(event.payload.tags?.['category'] ?? NO_CATEGORY, NAME_MAX_LENGTH);
        const groups = [
          dayOf(event.payload.bookingDate),
          entryOf(categories, category, () => ({ entries: 0, volumeMinor: 0 })),
        ];
        for (const group of groups) {
          group.entries += 1;
          group.volumeMinor += volumeMinor;
        }
      }
    },

    moved({ productType, valueDate, deltaMinor }) {
      const change = entryOf(changes, valueDate, () => ({ depositsMinor: 0, loansMinor: 0 }));
      change[productType === 'LOAN' || productType === 'CREDIT_CARD' ? 'loansMinor' : 'depositsMinor'] += deltaMinor;
    },

    result(daysMax = DAYS_MAX, groupsMax = GROUPS_MAX) {
      const approved = eventsByType['LoanFacilityCreated'] ?? 0;
      const byCategory = largest(categories, {
        sizeOf: ({ volumeMinor }) => volumeMinor,
        sum: sumOfVolumes,
        groupsMax,
      });
      const byProduct = largest(products, { sizeOf: (accounts) => accounts, sum: sumOf, groupsMax });
      return {
        currency,
        exponent,
        members: eventsByType['CustomerCreated'] ?? 0,
        accounts: eventsByType['AccountOpened'] ?? 0,
        accountsByProduct: Object.fromEntries(byProduct),
        entries: eventsByType['EntryPosted'] ?? 0,
        volumeMinor: sumOfVolumes([...categories.values()]).volumeMinor,
        openingDeposits: opening,
        events: Object.values(eventsByType).reduce((sum, events) => sum + events, 0),
        eventsByType,
        loans: { applications: approved + loansRefused, approved, refused: loansRefused },
        commands,
        refusedByError,
        byDay: latest(byDate(days), { daysMax, sum: sumOfDays }),
        byCategory: byCategory.map(([category, group]) => ({ category, ...group })),
        // The balances of the last of the earlier days are what all of them together came to.
        balancesByDay: latest(runningSums(byDate(changes)), {
          daysMax,
          sum: (earlier) => earlier.at(-1) ?? earlier[0],
        }),
      };
    },
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function sumOfVolumes(volumes: readonly Volume[]): Volume {
  return {
    entries: sumOf(volumes.map(({ entries }) => entries)),
    volumeMinor: sumOf(volumes.map(({ volumeMinor }) => volumeMinor)),
  };
}

function sumOfDays(days: readonly Day[]): Day {
  return {
    ...sumOfVolumes(days),
    accepted: sumOf(days.map(({ accepted }) => accepted)),
    refused: sumOf(days.map(({ refused }) => refused)),
  };
}

function utcDate(timestamp: string): string {
  return timestamp.slice(0, 10);
}

/** A refusal to lend: one for the terms asked for or for the applicant's credit. */
function isLoanRefusal({ command, payload }: Extract<ChainEvent, { type: 'CommandRefused' }>): boolean {
  if (command?.type !== 'OpenAccount' || payload.error === 'LoanTermsOnDeposit') return false;
  const { invariant } = VIOLATIONS[payload.error];
  return invariant === 'CREDIT_CRITERIA' || invariant === 'LOAN_TERMS';
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function entryOf<Value>(map: Map<string, Value>, key: string, initial: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = initial();
  map.set(key, created);
  return created;
}

function byDate<Value extends object>(days: ReadonlyMap<string, Value>): ({ date: string } & Value)[] {
  return [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([date, value]) => ({ date, ...value }));
}

function runningSums(changes: readonly { date: string; depositsMinor: number; loansMinor: number }[]) {
  let depositsMinor = 0;
  let loansMinor = 0;
  return changes.map((change) => {
    depositsMinor += change.depositsMinor;
    loansMinor += change.loansMinor;
    return { date: change.date, depositsMinor, loansMinor };
  });
}
