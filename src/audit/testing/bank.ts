import { zstdCompressSync } from 'node:zlib';
import type {
  ChainEvent,
  CommandMark,
  EventLeg,
  EventPayload,
  EventType,
  ProductTerms,
} from '../../contract/events.ts';
import { genesisHash, linkHash } from '../../core/chain/hash.ts';
import { lineOf } from '../../core/chain/line.ts';
import { chainOfId, fullChainName, isGeneralLedger } from '../../core/chain/name.ts';
import { BODY_DICTIONARY } from '../../journal/dictionary.ts';
import { sha256 } from '../../journal/sha256.ts';
import type { StoredItem } from '../source.ts';

type Body = { [Type in EventType]: { type: Type; entityId: string; payload: EventPayload<Type> } }[EventType];

export interface Posted {
  entryId: string;
  /** The entry's events on its home chain; may be changed until `items` is called. */
  events: ChainEvent[];
  /** Its events on other chains. */
  away: ChainEvent[];
}

/**
 * A journal written by hand, with none of the ledger's own code for deciding: events can be spoilt before the commits are
 * hashed, so that the hashes are right and only the meaning is wrong.
 */
export class TestBank {
  readonly tenantId: string;
  /** Commits of each chain, as lists of events. */
  readonly commits = new Map<string, ChainEvent[][]>();
  readonly reservations: StoredItem[] = [];
  readonly #balances = new Map<string, number>();
  #commands = 0;

  constructor(tenantId = 'CU_TEST') {
    this.tenantId = tenantId;
  }

  createTenant(chains = 2): void {
    this.command('catalog', 'CreateTenant', () => [
      {
        type: 'TenantCreated',
        entityId: this.tenantId,
        payload: {
          tenantCode: this.tenantId,
          displayName: 'Test',
          region: 'AU',
          baseCurrency: 'AUD',
          currencyExponent: 2,
          timeZone: 'Australia/Sydney',
          chains,
        },
      },
    ]);
  }

  product(productCode: string, terms: Partial<ProductTerms> = {}): void {
    const payload: ProductTerms = {
      productCode,
      name: productCode,
      productType: 'DEPOSIT',
      status: 'ACTIVE',
      interest: { rate: 0 },
      ...terms,
    };
    this.command('catalog', 'UpsertProduct', () => [{ type: 'ProductCreated', entityId: productCode, payload }]);
  }

  customer(chain: string, number: number): string {
    const person = {
      firstName: 'Jane',
      lastName: 'Smith',
      dateOfBirth: '1988-05-17',
      email: `Jane.${number}@example.com`,
      mobile: `+6140000${1000 + number}`,
    };
    let customerId = '';
    this.command(chain, 'CreateCustomer', (key) => {
      customerId = `cust_${chain}_${key.slice(0, 20)}`;
      return [{ type: 'CustomerCreated', entityId: customerId, payload: { externalRef: `REF-${number}`, person } }];
    });
    this.reserve('email', person.email.toLowerCase(), customerId);
    this.reserve('mobile', person.mobile, customerId);
    this.reserve('externalRef', `REF-${number}`, customerId);
    return customerId;
  }

  reserve(kind: string, value: string, holder: string): void {
    this.reservations.push({ pk: `${this.tenantId}#unique#${kind}#${sha256(value)}`, sk: 0, holder });
  }

  /** Opens an account, with a deposit where one is given. */
  open(
    customerId: string,
    options: {
      productCode?: string;
      depositMinor?: number;
      terms?: Partial<EventPayload<'AccountOpened'>>;
      loanMinor?: number;
    } = {},
  ): string {
    const chain = chainOfId(customerId) ?? '';
    const { productCode = 'TXN', depositMinor = 0, loanMinor } = options;
    let accountId = '';
    this.command(chain, 'OpenAccount', (key, seq) => {
      accountId = `acc_${chain}_${key.slice(0, 20)}`;
      const terms = {
        customerId,
        productCode,
        productType: loanMinor === undefined ? 'DEPOSIT' : 'LOAN',
        currency: 'AUD',
        floorMinor: -(loanMinor ?? 0) || 0,
        ceilingMinor: null,
      } as const;
      const opened: Body[] = [{ type: 'AccountOpened', entityId: accountId, payload: { ...terms, ...options.terms } }];
      if (loanMinor !== undefined)
        opened.push({
          type: 'LoanFacilityCreated',
          entityId: accountId,
          payload: { customerId, principalMinor: loanMinor, termMonths: 12, rate: 0.1 },
        });
      if (depositMinor === 0) return opened;
      const legs: EventLeg[] = [
        { accountId: 'GL_OPENING_DEPOSITS', direction: 'CREDIT', amountMinor: depositMinor },
        { accountId, direction: 'DEBIT', amountMinor: depositMinor },
      ];
      const entryId = `ent_${chain}_${seq + 1}_${key.slice(0, 12)}`;
      const entry = { bookingDate: '2025-01-01', valueDate: '2025-01-01', currency: 'AUD', legs };
      return [
        ...opened,
        { type: 'FundsPosted', entityId: entryId, payload: { accountId, ...entry } },
        ...this.#updates(entryId, chain, entry).home,
      ];
    });
    return accountId;
  }

  /** @returns the command that opened an account */
  openedBy(accountId: string): string {
    const opening = [...this.commits.values()]
      .flat(2)
      .find((event) => event.type === 'AccountOpened' && event.entityId === accountId);
    return opening?.causationId ?? '';
  }

  /** Posts an entry: positive amounts are debits, negative ones credits. */
  post(
    amounts: Readonly<Record<string, number>>,
    options: { entry?: Partial<EventPayload<'EntryPosted'>>; closes?: string[] } = {},
  ): Posted {
    const legs = Object.entries(amounts).map(([accountId, amount]): EventLeg => ({
      accountId,
      direction: amount > 0 ? 'DEBIT' : 'CREDIT',
      amountMinor: Math.abs(amount),
    }));
    const entry = {
      bookingDate: '2025-01-03',
      valueDate: '2025-01-03',
      currency: 'AUD',
      legs,
      narrative: 'Test',
      tags: { category: 'GROCERIES' },
      ...options.entry,
    };
    const home = legs.map((leg) => chainOfId(leg.accountId)).find((chain) => chain !== undefined) ?? '00';
    const away: ChainEvent[] = [];
    let entryId = '';
    const events = this.command(
      home,
      'PostEntry',
      (key, seq, stamp) => {
        entryId = `ent_${home}_${seq}_${key.slice(0, 12)}`;
        const updates = this.#updates(entryId, home, entry, options.closes);
        for (const [chain, bodies] of updates.away) {
          let next = this.nextSeq(chain);
          const foreign: ChainEvent[] = bodies.map((body) => ({ seq: next++, ...stamp, ...body }));
          this.chain(chain).push(foreign);
          away.push(...foreign);
        }
        return [{ type: 'EntryPosted', entityId: entryId, payload: entry }, ...updates.home];
      },
      away,
    );
    return { entryId, events, away };
  }

  refuse(chain: string, type: CommandMark['type'], error: EventPayload<'CommandRefused'>['error']): ChainEvent[] {
    return this.command(chain, type, (_key, _seq, { causationId }) => [
      { type: 'CommandRefused', entityId: causationId, payload: { error, details: {} } },
    ]);
  }

  /** Appends a commit that holds the events of one command. */
  command(
    chain: string,
    type: CommandMark['type'],
    make: (key: string, seq: number, stamp: { occurredAt: string; causationId: string }) => Body[],
    away: readonly ChainEvent[] = [],
  ): ChainEvent[] {
    this.#commands += 1;
    const id = sha256(`${this.tenantId} command ${this.#commands}`);
    const causationId = `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`;
    const stamp = { occurredAt: '2025-01-03T01:00:00Z', causationId };
    const key = sha256(`${this.tenantId}\n${causationId}`).slice(0, 32);
    const seq = this.nextSeq(chain);
    const bodies = make(key, seq, stamp);
    const others = away.map(({ entityId, seq: otherSeq }) => ({ chain: chainOfId(entityId) ?? '', seq: otherSeq }));
    const mark: CommandMark = {
      type,
      key,
      digest: sha256(id).slice(0, 32),
      actor: 'SYSTEM:TEST',
      events: bodies.length,
      ...(others.length > 0 && { others }),
    };
    const events: ChainEvent[] = bodies.map((body, index) => ({
      seq: seq + index,
      ...stamp,
      ...(index === 0 && { command: mark }),
      ...body,
    }));
    this.chain(chain).push(events);
    return events;
  }

  chain(name: string): ChainEvent[][] {
    const commits = this.commits.get(name) ?? [];
    this.commits.set(name, commits);
    return commits;
  }

  nextSeq(chain: string): number {
    return (this.chain(chain).at(-1)?.at(-1)?.seq ?? 0) + 1;
  }

  /** The journal's items, hashed as they are now. */
  items(): StoredItem[] {
    const items: StoredItem[] = [];
    for (const [chain, commits] of this.commits) {
      const pk = fullChainName({ tenantId: this.tenantId, chain });
      let head = genesisHash(pk, sha256);
      for (const events of commits) {
        const item = commitItem({ pk, prev: head, sk: events[0]?.seq ?? 0, lines: events.map(lineOf) });
        head = String(item['head']);
        items.push(
          chain === 'catalog' && events.some((event) => event.type === 'TenantCreated')
            ? { ...item, registry: 'TENANT' }
            : item,
        );
      }
    }
    return [...items, ...this.reservations];
  }

  #updates(entryId: string, home: string, entry: { legs: EventLeg[]; valueDate: string }, closes: string[] = []) {
    const updates = { home: [] as Body[], away: new Map<string, Body[]>() };
    const { valueDate } = entry;
    for (const { accountId, direction, amountMinor } of entry.legs) {
      const chain = isGeneralLedger(accountId) ? home : (chainOfId(accountId) ?? home);
      const deltaMinor = direction === 'DEBIT' ? amountMinor : -amountMinor;
      const balanceMinor = (this.#balances.get(`${chain} ${accountId}`) ?? 0) + deltaMinor;
      this.#balances.set(`${chain} ${accountId}`, balanceMinor);
      const bodies: Body[] = [
        {
          type: 'AccountBalanceUpdated',
          entityId: accountId,
          payload: { entryId, ...(chain !== home && { home }), valueDate, deltaMinor, balanceMinor },
        },
      ];
      if (closes.includes(accountId)) bodies.push({ type: 'AccountClosed', entityId: accountId, payload: { entryId } });
      if (chain === home) updates.home.push(...bodies);
      else updates.away.set(chain, [...(updates.away.get(chain) ?? []), ...bodies]);
    }
    return updates;
  }
}

/** Packs lines as the journal does it; lines that are no UTF-8 are given as bytes. */
export function packBody(body: string | Buffer): Buffer {
  return zstdCompressSync(body, { dictionary: Buffer.from(BODY_DICTIONARY) });
}

/** Hashes lines into an item, as text or packed. */
export function commitItem(options: {
  pk: string;
  sk: number;
  prev: string;
  lines: string[];
  packed?: boolean;
}): StoredItem {
  const { pk, sk, prev, lines } = options;
  const body = lines.join('\n');
  const head = lines.reduce((hash, line) => linkHash(hash, line, sha256), prev);
  const content = options.packed ? { zst: packBody(body) } : { body };
  return { pk, sk, last: sk + lines.length - 1, prev, head, at: '2026-01-01T00:00:00.000Z', ...content };
}

/** A bank with four products, three customers on two chains, and entries of every kind. */
export function openTestBank(tenantId?: string) {
  const bank = new TestBank(tenantId);
  bank.createTenant();
  bank.product('TXN', { constraints: { minBalanceMinor: 0, maxBalanceMinor: null } });
  bank.product('SAVER', { constraints: { minBalanceMinor: 0, maxBalanceMinor: 500_00 } });
  bank.product('TERM', { productType: 'TERM_DEPOSIT', constraints: { minBalanceMinor: 100_00, termMonthsDefault: 6 } });
  bank.product('LOAN', {
    productType: 'LOAN',
    constraints: { minAmountMinor: 1_000_00, maxAmountMinor: null, termMonthsDefault: 12 },
  });
  const [jane, john, joan] = [bank.customer('00', 1), bank.customer('01', 2), bank.customer('00', 3)];
  const spending = bank.open(jane, { depositMinor: 200_00 });
  const saver = bank.open(jane, { productCode: 'SAVER', terms: { ceilingMinor: 500_00 } });
  const other = bank.open(john, { depositMinor: 50_00 });
  const term = bank.open(joan, {
    productCode: 'TERM',
    depositMinor: 100_00,
    terms: { productType: 'TERM_DEPOSIT', floorMinor: 100_00, maturesOn: '2025-07-03' },
  });
  const loan = bank.open(john, { productCode: 'LOAN', loanMinor: 2_000_00 });
  bank.post({ [spending]: -45_60, GL_CARD_CLEARING: 45_60 });
  bank.post({ [spending]: -20_00, [saver]: 20_00 });
  bank.post({ [spending]: -10_00, [other]: 10_00 });
  bank.post(
    { [loan]: -1_500_00, [other]: 1_500_00 },
    { entry: { tags: { category: 'LOAN' }, bookingDate: '2025-01-04', valueDate: '2025-01-04' } },
  );
  bank.refuse('00', 'PostEntry', 'InsufficientFunds');
  bank.refuse('01', 'OpenAccount', 'CreditScoreTooLow');
  return { bank, jane, john, joan, spending, saver, other, term, loan };
}
