import { describe, expect, it } from 'vitest';
import type { ChainEvent, ChainEventOf, EventType } from '../contract/events.ts';
import { INVARIANTS, type InvariantName } from '../contract/invariants.ts';
import { openTestBank } from './testing/bank.ts';
import { breachesOf } from './testing/breaches.ts';

type Bank = ReturnType<typeof openTestBank>;
interface Plant {
  name: string;
  plant: (bank: Bank) => void;
  reason: RegExp;
  /** What it breaks besides: half of an entry that is gone is also a command without its events. */
  also?: 'ACCOUNT_CONSTRAINTS';
  /** It is seen from two chains: an audit in pieces tells it twice. */
  spans?: true;
}

function eventOf<Type extends EventType>(events: readonly ChainEvent[], type: Type, index = 0): ChainEventOf<Type> {
  const found = events.filter((event): event is ChainEventOf<Type> => event.type === type)[index];
  if (!found) throw new Error(`No ${type} among the events`);
  return found;
}
const all = ({ bank }: Bank): ChainEvent[] => [...bank.commits.values()].flat(2);
const purchase = ({ bank, spending }: Bank) => bank.post({ [spending]: -1_00, GL_CARD_CLEARING: 1_00 });
const payment = ({ bank, spending, other }: Bank) => bank.post({ [spending]: -2_00, [other]: 2_00 });
const renumber = (events: readonly ChainEvent[]): void => {
  const first = events[0];
  for (const [index, event] of events.entries()) event.seq = (first?.seq ?? 1) + index;
};

/** Each case breaks the meaning only: the journal is hashed after the damage, so all hashes are right. */
const PLANTS: Record<Exclude<InvariantName, 'HASH_CHAIN'>, Plant[]> = {
  BALANCED_ENTRIES: [
    {
      name: 'an entry in another currency',
      plant: (bank) => (eventOf(purchase(bank).events, 'EntryPosted').payload.currency = 'NZD'),
      reason: /is in NZD/,
    },
    {
      name: 'a balance update without its leg',
      plant: (bank) => {
        const { events } = purchase(bank);
        eventOf(events, 'EntryPosted').payload.legs[1] = {
          accountId: 'GL_OTHER',
          direction: 'DEBIT',
          amountMinor: 1_00,
        };
      },
      reason: /GL_CARD_CLEARING has no leg/,
    },
    {
      name: 'a leg whose update on the other chain says another amount',
      plant: (bank) => {
        const { away } = payment(bank);
        const update = eventOf(away, 'AccountBalanceUpdated').payload;
        update.deltaMinor += 1;
        update.balanceMinor += 1;
      },
      reason: /against 20[01]/,
    },
    {
      name: 'a leg whose update on the other chain is missing',
      plant: (bank) => {
        payment(bank);
        bank.bank.chain('01').pop();
      },
      reason: /no AccountBalanceUpdated on that account's chain/,
      also: 'ACCOUNT_CONSTRAINTS',
    },
    {
      name: 'an update whose entry on the other chain is missing',
      plant: (bank) => {
        payment(bank);
        bank.bank.chain('00').pop();
      },
      reason: /which does not move that account/,
      also: 'ACCOUNT_CONSTRAINTS',
    },
    {
      name: 'an update of another value date than its entry',
      plant: (bank) => (eventOf(purchase(bank).events, 'AccountBalanceUpdated', 1).payload.valueDate = '2025-01-09'),
      reason: /is not what entry/,
    },
    {
      name: 'a leg of nothing',
      plant: ({ bank, spending }) => {
        const { events } = bank.post({ [spending]: -1, GL_CASH: 1 });
        const [update, ledger] = [
          eventOf(events, 'AccountBalanceUpdated'),
          eventOf(events, 'AccountBalanceUpdated', 1),
        ];
        for (const leg of eventOf(events, 'EntryPosted').payload.legs) leg.amountMinor = 0;
        Object.assign(update.payload, { deltaMinor: 0, balanceMinor: update.payload.balanceMinor + 1 });
        Object.assign(ledger.payload, { deltaMinor: 0, balanceMinor: 0 });
      },
      reason: /each above 0/,
    },
    {
      name: 'an opening deposit out of another account',
      plant: ({ bank, jane }) => {
        bank.open(jane, { depositMinor: 1_00 });
        const events = bank.chain('00').at(-1) ?? [];
        const ledger = eventOf(events, 'AccountBalanceUpdated');
        eventOf(events, 'FundsPosted').payload.legs[0] = {
          accountId: 'GL_CASH',
          direction: 'CREDIT',
          amountMinor: 1_00,
        };
        Object.assign(ledger, { entityId: 'GL_CASH' });
        ledger.payload.balanceMinor = -1_00;
      },
      reason: /is not from GL_OPENING_DEPOSITS/,
    },
  ],

  DERIVED_BALANCES: [
    {
      name: 'a balance that is not the sum of the legs',
      plant: (bank) => (eventOf(purchase(bank).events, 'AccountBalanceUpdated').payload.balanceMinor += 1),
      reason: /says 12341, the sum of its legs is 12340/,
    },
    {
      name: 'a wrong share of a general-ledger account',
      plant: (bank) => (eventOf(purchase(bank).events, 'AccountBalanceUpdated', 1).payload.balanceMinor -= 1),
      reason: /AccountBalanceUpdated of GL_CARD_CLEARING says 4659/,
    },
    {
      name: 'a wrong balance on the other chain of an entry',
      plant: (bank) => (eventOf(payment(bank).away, 'AccountBalanceUpdated').payload.balanceMinor += 1),
      reason: /the sum of its legs is/,
    },
  ],

  TENANT_ISOLATION: [
    {
      name: 'an entry on an account that the tenant does not have, on its own chain',
      plant: ({ bank, spending }) => bank.post({ [spending]: -1, acc_00_ffffffffffffffffffff: 1 }),
      reason: /names account acc_00_ffffffffffffffffffff/,
    },
    {
      name: 'an entry on an account that the tenant does not have, on another chain',
      plant: ({ bank, spending }) => {
        bank.post({ [spending]: -1, acc_01_ffffffffffffffffffff: 1 });
        bank.chain('01').pop();
      },
      reason: /names account acc_01_ffffffffffffffffffff/,
      also: 'ACCOUNT_CONSTRAINTS',
    },
    {
      name: 'an entry on an account of a chain that the tenant does not have',
      plant: ({ bank, spending }) => {
        const { events } = bank.post({ [spending]: -1, GL_X: 1 });
        eventOf(events, 'EntryPosted').payload.legs[1] = {
          accountId: 'acc_77_ffffffffffffffffffff',
          direction: 'DEBIT',
          amountMinor: 1,
        };
        Object.assign(events[2] ?? {}, { entityId: 'acc_77_ffffffffffffffffffff' });
      },
      reason: /names account acc_77_/,
    },
    {
      name: 'an account of a customer whom the tenant does not have',
      plant: ({ bank, jane }) => bank.open(jane, { terms: { customerId: 'cust_00_ffffffffffffffffffff' } }),
      reason: /who is not on this chain/,
    },
    {
      name: 'an account that names a product of somebody else',
      plant: ({ bank, jane }) => bank.open(jane, { productCode: 'TXN', terms: { productCode: 'THEIRS' } }),
      reason: /product THEIRS/,
    },
    {
      name: 'a customer whose id was not made for this place',
      plant: ({ bank }) => {
        const customerId = bank.customer('00', 9);
        Object.assign(eventOf(bank.chain('00').at(-1) ?? [], 'CustomerCreated'), {
          entityId: customerId.replace('_00_', '_01_'),
        });
        for (const item of bank.reservations)
          if (item['holder'] === customerId) Object.assign(item, { holder: customerId.replace('_00_', '_01_') });
      },
      reason: /should be cust_00_/,
      spans: true,
    },
    {
      name: 'the creation of another tenant',
      plant: (bank) => (eventOf(all(bank), 'TenantCreated').payload.tenantCode = 'CU_OTHER'),
      reason: /names tenant CU_OTHER/,
    },
    {
      name: 'an entry whose id names another place',
      plant: (bank) => {
        const { events, entryId } = purchase(bank);
        for (const event of events) {
          if (event.type === 'EntryPosted') event.entityId = `${entryId.slice(0, -1)}x`;
          else if (event.type === 'AccountBalanceUpdated') event.payload.entryId = `${entryId.slice(0, -1)}x`;
        }
      },
      reason: /should be ent_00_/,
    },
    {
      name: 'a refusal that names a stranger',
      plant: ({ bank }) =>
        Object.assign(bank.refuse('00', 'PostEntry', 'AccountUnknown')[0] ?? {}, {
          entityId: 'acc_00_ffffffffffffffffffff',
        }),
      reason: /CommandRefused names acc_00_f+, not its command/,
    },
    {
      name: 'an item of the journal under a key that no chain and no reservation has',
      plant: ({ bank }) => bank.reservations.push({ pk: 'CU_TEST#chain#09', sk: 1 }),
      reason: /stands on no chain of this tenant/,
    },
    {
      name: 'an item of a tenant that does not exist',
      plant: ({ bank }) => bank.reservations.push({ pk: 'CU_TESTER#chain#00', sk: 1 }),
      reason: /belongs to no tenant of the registry/,
    },
  ],

  ACCOUNT_CONSTRAINTS: [
    {
      name: 'an account below its floor',
      plant: ({ bank, spending }) => bank.post({ [spending]: -124_41, GL_CASH: 124_41 }),
      reason: /falls to -1, below its floor of 0/,
    },
    {
      name: 'a loan drawn beyond its principal',
      plant: ({ bank, loan, other }) => bank.post({ [loan]: -500_01, [other]: 500_01 }),
      reason: /below its floor of -200000/,
    },
    {
      name: 'an account of another chain below its floor',
      plant: ({ bank, spending, other }) => bank.post({ [spending]: 2_000_00, [other]: -2_000_00 }),
      reason: /falls to -44000, below its floor/,
    },
    {
      name: 'an account above its ceiling',
      plant: ({ bank, saver }) => bank.post({ GL_SALARY: -480_01, [saver]: 480_01 }),
      reason: /rises to 50001, above its ceiling of 50000/,
    },
    {
      name: 'a payment out of a term deposit before it matures',
      plant: ({ bank, term }) => {
        bank.post({ [term]: 50_00, GL_CASH: -50_00 });
        bank.post({ [term]: -50_00, GL_CASH: 50_00 });
      },
      reason: /before it matures on 2025-07-03/,
    },
    {
      name: 'a payment out of a term deposit that is booked before it matures and takes effect when it does',
      plant: ({ bank, term }) => {
        bank.post({ [term]: 50_00, GL_CASH: -50_00 });
        bank.post(
          { [term]: -50_00, GL_CASH: 50_00 },
          { entry: { bookingDate: '2025-07-02', valueDate: '2025-07-03' } },
        );
      },
      reason: /pays out on 2025-07-02, before it matures on 2025-07-03/,
    },
    {
      name: 'a payment out of a term deposit by an entry of another chain',
      plant: ({ bank, term, other }) => {
        bank.post({ [term]: 50_00, GL_CASH: -50_00 });
        bank.post(
          { [other]: 50_00, [term]: -50_00 },
          { entry: { bookingDate: '2025-07-02', valueDate: '2025-07-03' } },
        );
      },
      reason: /pays out on 2025-07-02, before it matures on 2025-07-03/,
    },
    {
      name: 'a reversal of a term deposit into another account',
      plant: ({ bank, term, spending }) =>
        bank.post(
          { [term]: -100_00, [spending]: 100_00 },
          { entry: { metadata: { reverses: bank.openedBy(term) } }, closes: [term] },
        ),
      reason: /before it matures/,
    },
    {
      name: 'a reversal of a term deposit into an account of another chain',
      plant: ({ bank, term, other }) =>
        bank.post(
          { [other]: 100_00, [term]: -100_00 },
          { entry: { metadata: { reverses: bank.openedBy(term) } }, closes: [term] },
        ),
      reason: /before it matures/,
    },
    {
      name: 'a reversal of a part of a term deposit',
      plant: ({ bank, term }) => {
        bank.post({ [term]: 50_00, GL_CASH: -50_00 });
        bank.post(
          { [term]: -50_00, GL_OPENING_DEPOSITS: 50_00 },
          { entry: { metadata: { reverses: bank.openedBy(term) } } },
        );
      },
      reason: /before it matures/,
    },
    {
      name: 'a reversal that leaves what was paid in since',
      plant: ({ bank, term }) => {
        bank.post({ [term]: 50_00, GL_CASH: -50_00 });
        bank.post(
          { [term]: -100_00, GL_OPENING_DEPOSITS: 100_00 },
          { entry: { metadata: { reverses: bank.openedBy(term) } } },
        );
      },
      reason: /before it matures/,
    },
    {
      name: 'a reversal of a term deposit that names the opening of another account',
      plant: ({ bank, term, spending }) =>
        bank.post(
          { [term]: -100_00, GL_OPENING_DEPOSITS: 100_00 },
          { entry: { metadata: { reverses: bank.openedBy(spending) } }, closes: [term] },
        ),
      reason: /before it matures/,
    },
    {
      name: 'a term deposit taken back by an entry that names nothing',
      plant: ({ bank, term }) => bank.post({ [term]: -100_00, GL_OPENING_DEPOSITS: 100_00 }, { closes: [term] }),
      reason: /before it matures/,
    },
    {
      name: 'an entry on a closed account',
      plant: ({ bank, saver, spending }) => {
        bank.post({ [saver]: -20_00, [spending]: 20_00 }, { closes: [saver] });
        bank.post({ [saver]: 5_00, [spending]: -5_00 });
      },
      reason: /is closed, but the entry moves it/,
    },
    {
      name: 'an account closed with money on it',
      plant: ({ bank, saver, spending }) => bank.post({ [saver]: -10_00, [spending]: 10_00 }, { closes: [saver] }),
      reason: /is closed at a balance of 1000/,
    },
    {
      name: 'an account with terms that its product never had',
      plant: ({ bank, jane }) => bank.open(jane, { terms: { floorMinor: -1_000_00 } }),
      reason: /terms that no version of product TXN gives/,
    },
    {
      name: 'a term deposit that matures too early',
      plant: ({ bank, jane }) =>
        bank.open(jane, {
          productCode: 'TERM',
          depositMinor: 100_00,
          terms: { productType: 'TERM_DEPOSIT', floorMinor: 100_00, maturesOn: '2025-07-02' },
        }),
      reason: /terms that no version of product TERM gives/,
    },
    {
      name: 'an account opened below its least balance',
      plant: ({ bank, jane }) =>
        bank.open(jane, {
          productCode: 'TERM',
          depositMinor: 99_99,
          terms: { productType: 'TERM_DEPOSIT', floorMinor: 100_00, maturesOn: '2025-07-03' },
        }),
      reason: /is opened with 9999, below its floor/,
    },
    {
      name: 'a loan whose facility is another than its floor',
      plant: (bank) => (eventOf(all(bank), 'LoanFacilityCreated').payload.principalMinor += 1),
      reason: /does not agree with its account/,
    },
    {
      name: 'a value date before the booking date',
      plant: (bank) => (eventOf(purchase(bank).events, 'EntryPosted').payload.bookingDate = '2025-01-04'),
      reason: /takes effect before it is booked/,
    },
    {
      name: 'an event that names another command than the one it stands with',
      plant: (bank) =>
        Object.assign(purchase(bank).events[1] ?? {}, { causationId: '00000000-0000-4000-8000-000000000000' }),
      reason: /names command 00000000/,
    },
    {
      name: 'an update on another chain that names another command than its entry',
      plant: (bank) =>
        Object.assign(payment(bank).away[0] ?? {}, { causationId: '00000000-0000-4000-8000-000000000000' }),
      reason: /names another command than its entry/,
    },
    {
      name: 'a command whose mark does not name its event on another chain',
      plant: (bank) => delete payment(bank).events[0]?.command?.others,
      reason: /does not name this event on another chain/,
    },
    {
      name: 'a command whose mark names an event on another chain that is not there',
      plant: (bank) => payment(bank).events[0]?.command?.others?.push({ chain: '01', seq: 999 }),
      reason: /names an event on another chain that is not there/,
    },
    {
      name: 'a command that promises more events than it has',
      plant: (bank) => Object.assign(purchase(bank).events[0]?.command ?? {}, { events: 4 }),
      reason: /promises 4 events and has 3/,
    },
    {
      name: 'a customer without a command',
      plant: ({ bank }) => {
        bank.customer('00', 9);
        delete eventOf(bank.chain('00').at(-1) ?? [], 'CustomerCreated').command;
      },
      reason: /CustomerCreated belongs to no command/,
    },
    {
      name: 'money moved by a command that was refused',
      plant: ({ bank }) => {
        bank.command('00', 'PostEntry', (key, seq, { causationId }) => {
          const entryId = `ent_00_${seq + 1}_${key.slice(0, 12)}`;
          const dates = { bookingDate: '2025-01-03', valueDate: '2025-01-03' };
          const legs = [
            { accountId: 'GL_A', direction: 'DEBIT', amountMinor: 5 },
            { accountId: 'GL_B', direction: 'CREDIT', amountMinor: 5 },
          ] as const;
          const update = (entityId: string, deltaMinor: number) =>
            ({
              type: 'AccountBalanceUpdated',
              entityId,
              payload: { entryId, valueDate: dates.valueDate, deltaMinor, balanceMinor: deltaMinor },
            }) as const;
          return [
            { type: 'CommandRefused', entityId: causationId, payload: { error: 'InsufficientFunds', details: {} } },
            {
              type: 'EntryPosted',
              entityId: entryId,
              payload: { ...dates, currency: 'AUD', narrative: 'Test', legs: [...legs] },
            },
            update('GL_A', 5),
            update('GL_B', -5),
          ];
        });
      },
      reason: /does not leave events of these types \(REBB\)/,
    },
    {
      name: 'an entry made by a command of another kind',
      plant: (bank) => Object.assign(purchase(bank).events[0]?.command ?? {}, { type: 'CreateCustomer' }),
      reason: /is a CreateCustomer, which does not leave events of these types/,
    },
    {
      name: 'an idempotency key that was used twice',
      plant: ({ bank }) => {
        const [first] = bank.refuse('00', 'PostEntry', 'InsufficientFunds');
        const [second] = bank.refuse('00', 'PostEntry', 'InsufficientFunds');
        Object.assign(second?.command ?? {}, { key: first?.command?.key });
      },
      reason: /is used a second time on this chain/,
    },
    {
      name: 'a product created twice',
      plant: ({ bank }) => bank.product('TXN', { constraints: { minBalanceMinor: 0, maxBalanceMinor: null } }),
      reason: /ProductCreated of TXN does not follow/,
    },
    {
      name: 'two customers with one email address',
      plant: (bank) => {
        const [first, second] = all(bank).filter((event) => event.type === 'CustomerCreated');
        if (first && second) second.payload.person.email = first.payload.person.email.toUpperCase();
        bank.bank.reservations.splice(3, 1);
      },
      reason: /has the email of customer cust_/,
    },
    {
      name: 'a unique value without its reservation',
      plant: ({ bank }) => bank.reservations.splice(1, 1),
      reason: /does not hold reservation CU_TEST#unique#mobile#/,
    },
    {
      name: 'a reservation for somebody else',
      plant: ({ bank, john }) => Object.assign(bank.reservations[0] ?? {}, { holder: john }),
      reason: /does not hold reservation CU_TEST#unique#email#/,
      spans: true,
    },
    {
      name: 'a reservation without a customer',
      plant: ({ bank, john }) => bank.reserve('email', 'nobody@example.com', john),
      reason: /No customer has the value of reservation/,
    },
  ],
};

describe.each(INVARIANTS.filter((name) => name !== 'HASH_CHAIN'))('%s', (invariant) => {
  it.each(PLANTS[invariant])('finds $name, and breaks no other invariant', async ({ plant, reason, also, spans }) => {
    const bank = openTestBank();
    plant(bank);
    const found = await breachesOf(bank.bank.items(), undefined, { spans });
    expect(Object.keys(found)).toEqual(also ? [invariant, also] : [invariant]);
    const evidence = found[invariant]?.find((each) => reason.test(each.reason));
    expect(evidence?.tenantId).toMatch(/^CU_TEST/);
  });
});

describe('a dropped event', () => {
  it.each([1, 2])(
    'is found even where the chain was numbered and hashed again (event %i of an entry)',
    async (index) => {
      const bank = openTestBank();
      const { events } = purchase(bank);
      events.splice(index, 1);
      renumber(events);
      const found = await breachesOf(bank.bank.items());
      expect(found.BALANCED_ENTRIES?.[0]?.reason).toMatch(/but no AccountBalanceUpdated says so/);
      expect(found.ACCOUNT_CONSTRAINTS?.[0]?.reason).toMatch(/promises 3 events and has 2/);
      expect(found.HASH_CHAIN).toBeUndefined();
    },
  );

  it('is found where it is the entry itself', async () => {
    const bank = openTestBank();
    const { events } = purchase(bank);
    events.splice(0, 1);
    renumber(events);
    const found = await breachesOf(bank.bank.items());
    expect(found.BALANCED_ENTRIES?.[0]?.reason).toMatch(/has no entry/);
  });
});

describe('an unbalanced entry', () => {
  it('is found with its place', async () => {
    const bank = openTestBank();
    const { events, entryId } = purchase(bank);
    for (const leg of eventOf(events, 'EntryPosted').payload.legs)
      if (leg.accountId === 'GL_CARD_CLEARING') leg.amountMinor = 99;
    const ledger = eventOf(events, 'AccountBalanceUpdated', 1).payload;
    Object.assign(ledger, { deltaMinor: 99, balanceMinor: ledger.balanceMinor - 1 });
    expect(await breachesOf(bank.bank.items())).toEqual({
      BALANCED_ENTRIES: [
        {
          tenantId: 'CU_TEST',
          chain: '00',
          seq: events[0]?.seq,
          reason: `Entry ${entryId}: debits and credits differ`,
        },
        { tenantId: 'CU_TEST', reason: 'The balances of all accounts add up to -1, not to zero' },
      ],
    });
  });
});
