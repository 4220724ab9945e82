import { hash } from 'node:crypto';
import type { CommandEnvelope, CommandOf, CommandType } from '../../../src/contract/envelope.ts';
import type { Random } from '../core/random.ts';
import type { Errand } from './clients.ts';
import { ACTOR } from './nodes.ts';

const DAY = '2025-01-03';

const sha256 = (text: string): string => hash('sha256', text, 'hex');
const ledgerKey = (tenantId: string, key: string): string => sha256(`${tenantId}\n${key}`).slice(0, 32);
const numberOfKey = (key: string): number => Number.parseInt(key.slice(0, 8), 16);

function uuidOf(text: string): string {
  const hex = sha256(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * What the clients of one tenant want: few accounts on few chains, so that they get into each other's way. Ids follow from the
 * keys of the commands, so all of it is known before the first is sent.
 */
export class Workload {
  readonly tenantId: string;
  /** Makes the bank. */
  readonly opening: Errand[] = [];
  /** What each client does. */
  readonly clients: Errand[][] = [];
  readonly #random: Random;
  readonly #chainCount: number;
  readonly #accounts: { id: string; customerId: string }[] = [];
  readonly #customers: string[] = [];
  readonly #sent: CommandEnvelope[] = [];
  #number = 0;

  /** @param options.chains how many the tenant is created with */
  constructor(tenantId: string, { random, chains }: { random: Random; chains: number }) {
    this.tenantId = tenantId;
    this.#random = random;
    this.#chainCount = chains;
    this.#openBank();
    const clients = random.int(1, 3);
    for (let client = 0; client < clients; client += 1) {
      const errands = random.int(2, 5);
      this.clients.push(Array.from({ length: errands }, () => this.#errand()));
    }
  }

  #openBank(): void {
    const random = this.#random;
    const products = [this.#product('TXN', {}), this.#product('SAVER', { maxBalance: 300 })];
    if (random.chance(0.2)) this.opening.push(this.#alone([this.#createTenant('Nowhere/Land')]));
    this.opening.push(this.#alone([this.#createTenant('Australia/Sydney')]), this.#alone(products));
    const count = this.#chainCount;
    const first = random.int(0, count - 1);
    const chains = Array.from({ length: Math.min(random.int(2, 4), count) }, (_, index) => (first + index) % count);
    const customers = chains.map((chain, index) => {
      const envelope = this.#customer(index, { chain });
      this.#customers.push(`cust_${two(chain)}_${ledgerKey(this.tenantId, this.#keyOf(envelope)).slice(0, 20)}`);
      return envelope;
    });
    const accounts = this.#customers.flatMap((customerId) =>
      Array.from({ length: random.int(1, 2) }, () => {
        const envelope = this.#openAccount(customerId, random.pick(['TXN', 'TXN', 'SAVER']), random.int(0, 200));
        this.#accounts.push({ id: this.#accountIdOf(envelope, customerId), customerId });
        return envelope;
      }),
    );
    this.opening.push(this.#alone(customers), this.#alone(accounts));
  }

  #alone(commands: CommandEnvelope[]): Errand {
    return { tenantId: this.tenantId, commands };
  }

  #errand(): Errand {
    const random = this.#random;
    const size = random.chance(0.6) ? 1 : random.int(2, 5);
    const commands = Array.from({ length: size }, () => this.#anyCommand()).flat();
    this.#sent.push(...commands);
    const roll = random.unit();
    const repeat = roll < 0.15 ? 'after' : roll < 0.3 ? 'meanwhile' : undefined;
    return { tenantId: this.tenantId, commands, ...(repeat && { repeat }), ...(roll > 0.95 && { dryRun: true }) };
  }

  #anyCommand(): CommandEnvelope[] {
    const random = this.#random;
    const roll = random.int(0, 99);
    if (roll < 62) return [this.#move()];
    if (roll < 68) return [this.#strangeEntry()];
    if (roll < 74 && this.#sent.length > 0) return [this.#sameKey()];
    if (roll < 80) return [this.#customer(random.int(0, 4), {})];
    if (roll < 86) {
      const code = random.pick(['TXN', 'SAVER', 'NONE']);
      return [this.#openAccount(random.pick(this.#customers), code, random.pick([0, 20, 400]))];
    }
    if (roll < 90) return this.#openAndClose();
    if (roll < 98) return [this.#product(random.pick(['TXN', 'SAVER']), this.#terms())];
    return [this.#createTenant('Australia/Sydney')];
  }

  #terms(): object {
    const random = this.#random;
    const status = random.pick(['ACTIVE', 'ACTIVE', 'WITHDRAWN']);
    return { status, maxBalance: random.pick([null, 300, 500]), minBalance: random.pick([0, 10, 600]) };
  }

  #move(): CommandEnvelope {
    const random = this.#random;
    const amount = random.pick([1, 5.25, 40, 120, 1_000]);
    const [from, to, third] = random.shuffled([...this.#accounts.map(({ id }) => id), 'GL_CASH', 'GL_FEES']);
    if (!from || !to || !third) throw new Error('There are too few accounts');
    const legs =
      random.chance(0.25) && amount >= 2
        ? [leg(from, 'CREDIT', amount), leg(to, 'DEBIT', amount - 1), leg(third, 'DEBIT', 1)]
        : [leg(from, 'CREDIT', amount), leg(to, 'DEBIT', amount)];
    return this.#entry({ legs });
  }

  #strangeEntry(): CommandEnvelope {
    const random = this.#random;
    const legs = [leg(random.pick(this.#accounts).id, 'DEBIT', 5), leg('GL_CASH', 'CREDIT', 5)];
    return random.pick([
      () => this.#entry({ legs: [leg('GL_CASH', 'DEBIT', 5), leg('GL_FEES', 'CREDIT', 6)] }),
      () => this.#entry({ legs, currency: 'NZD' }),
      () => this.#entry({ legs, valueDate: '2025-01-02' }),
      () => this.#entry({ legs: [leg('acc_03_00000000000000000000', 'DEBIT', 5), leg('GL_CASH', 'CREDIT', 5)] }),
      () => this.#entry({ legs: [leg('nobody', 'DEBIT', 5), leg('GL_CASH', 'CREDIT', 5)] }),
      () => this.#entry({ legs, closes: [random.pick(this.#accounts).id] }),
    ])();
  }

  /** An account that lives for two commands. */
  #openAndClose(): CommandEnvelope[] {
    const random = this.#random;
    const customerId = random.pick(this.#customers);
    const opening = this.#openAccount(customerId, 'TXN', 30);
    const id = this.#accountIdOf(opening, customerId);
    const to = random.chance(0.5) ? 'GL_CASH' : random.pick(this.#accounts).id;
    const amount = random.pick([30, 30, 29]);
    const legs = [leg(id, 'CREDIT', amount), leg(to, 'DEBIT', amount)];
    return [
      opening,
      this.#entry({ legs, closes: [id] }),
      this.#entry({ legs: [leg(id, 'DEBIT', 1), leg(to, 'CREDIT', 1)] }),
    ];
  }

  /** A command under a key that another had before: the same command by another id, or another one. */
  #sameKey(): CommandEnvelope {
    const random = this.#random;
    const other = random.pick(this.#sent);
    const idempotencyKey = this.#keyOf(other);
    const again = random.chance(0.5) ? other : this.#move();
    return { ...again, commandId: this.#newId(), idempotencyKey };
  }

  #createTenant(timeZone: string): CommandEnvelope {
    const payload = { tenantCode: this.tenantId, displayName: 'Bank', region: 'AU', baseCurrency: 'AUD', timeZone };
    return this.#command('CreateTenant', payload);
  }

  #product(
    productCode: string,
    terms: { status?: 'ACTIVE' | 'WITHDRAWN'; maxBalance?: number | null },
  ): CommandEnvelope {
    const { status = 'ACTIVE', ...bounds } = terms;
    const rate = this.#random.chance(0.05) ? -0.01 : 0;
    const constraints = { minBalance: 0, maxBalance: null, ...bounds };
    return this.#command('UpsertProduct', {
      productCode,
      name: productCode,
      productType: 'DEPOSIT',
      status,
      interest: { rate },
      constraints,
    });
  }

  #customer(number: number, { chain }: { chain?: number }): CommandEnvelope {
    const under = this.#random.chance(0.05);
    const person = {
      firstName: 'Jane',
      lastName: 'Smith',
      dateOfBirth: under && chain === undefined ? '2015-01-01' : '1988-05-17',
      email: `Member${number}@example.com`,
      mobile: `+6125550000${this.#random.chance(0.8) ? number : 9}`,
    };
    return this.#command('CreateCustomer', { person }, chain);
  }

  #openAccount(customerId: string, productCode: string, initialDeposit: number): CommandEnvelope {
    return this.#command('OpenAccount', { customerId, productCode, currency: 'AUD', initialDeposit });
  }

  #entry(change: Partial<CommandOf<'PostEntry'>['payload']>): CommandEnvelope {
    const payload = { bookingDate: DAY, valueDate: DAY, currency: 'AUD', narrative: 'Simulated', legs: [], ...change };
    return this.#command('PostEntry', payload);
  }

  #accountIdOf(opening: CommandEnvelope, customerId: string): string {
    return `acc_${customerId.slice(5, 7)}_${ledgerKey(this.tenantId, this.#keyOf(opening)).slice(0, 20)}`;
  }

  #keyOf({ idempotencyKey, commandId }: CommandEnvelope): string {
    return idempotencyKey ?? commandId;
  }

  #newId(): string {
    return uuidOf(`${this.tenantId} command ${(this.#number += 1)}`);
  }

  /** @param chain where its key is to lead; anywhere if there is none */
  #command<Type extends CommandType>(
    commandType: Type,
    payload: CommandOf<Type>['payload'],
    chain?: number,
  ): CommandEnvelope {
    let commandId = this.#newId();
    while (chain !== undefined && numberOfKey(ledgerKey(this.tenantId, commandId)) % this.#chainCount !== chain)
      commandId = this.#newId();
    const envelope = {
      commandId,
      tenantId: this.tenantId,
      commandType,
      actor: { actorType: 'SYSTEM', actorId: ACTOR },
      timestamp: '2025-01-02T10:00:00Z',
      payload,
    };
    return envelope as CommandEnvelope; // type and payload are tied by the signature
  }
}

function leg(accountId: string, direction: 'DEBIT' | 'CREDIT', amount: number) {
  return { accountId, direction, amount };
}

function two(chain: number): string {
  return String(chain).padStart(2, '0');
}
