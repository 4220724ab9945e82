import { hash } from 'node:crypto';
import type { Envelope } from '../commands/envelope.ts';
import { chainIn } from '../ledger/directory.ts';
import { LedgerUnavailable, type Answer, type Ledger } from '../ledger/ledger.ts';

type OpenAccount = Extract<Envelope, { commandType: 'OpenAccount' }>;
type PostEntry = Extract<Envelope, { commandType: 'PostEntry' }>;

interface FakeAccount {
  accountId: string;
  customerId: string;
  productCode: string;
  minor: number;
  floorMinor: number;
}

export interface FakeLedgerOptions {
  /** Called before each request; may wait, or throw to lose the request. */
  before?: () => Promise<void> | void;
  /** Called after each request was carried out; may throw to lose the answer. */
  after?: () => void;
  /** Answers the command with a passing fault instead of deciding it. */
  busy?: (command: Envelope) => boolean;
}

/**
 * A ledger in memory that decides as the contract says, as far as the twin's commands go: funds, credit criteria,
 * idempotency, chains. It notes the order of commands on each chain.
 */
export class FakeLedger implements Ledger {
  readonly #options: FakeLedgerOptions;
  readonly #answers = new Map<string, { command: string; answer: Answer }>();
  readonly #customers = new Map<
    string,
    { customerId: string; externalRef: string; incomeMinor: number; score: number; owedMinor: number }
  >();
  readonly #accounts = new Map<string, FakeAccount>();
  readonly #general = new Map<string, number>();
  readonly #order = new Map<string, string[]>();
  #tenant: string | undefined;
  requests = 0;
  /** Most requests in flight at one time that touched one and the same chain. */
  mostPerChain = 0;
  readonly #inFlight = new Map<string, number>();

  constructor(options: FakeLedgerOptions = {}) {
    this.#options = options;
  }

  /** Digest over what each chain was told, in order. */
  digest(): string {
    const chains = [...this.#order].toSorted(([left], [right]) => (left < right ? -1 : 1));
    return hash('sha256', JSON.stringify(chains));
  }

  async submit(_tenantId: string, commands: readonly Envelope[]): Promise<Answer[]> {
    this.requests += 1;
    const chains = new Set(commands.map((command) => homeOf(command)));
    for (const chain of chains) {
      const count = (this.#inFlight.get(chain) ?? 0) + 1;
      this.#inFlight.set(chain, count);
      this.mostPerChain = Math.max(this.mostPerChain, count);
    }
    try {
      await this.#options.before?.();
      let failed = false;
      const answers = commands.map((command) => {
        // As in the real ledger: after a failed append the later commands of the chain fail too, so order is kept.
        failed ||= this.#options.busy?.(command) ?? false;
        return failed
          ? { code: 'ServiceUnavailable', entityId: '', transient: true, message: '' }
          : this.#once(command);
      });
      this.#options.after?.();
      return answers;
    } finally {
      for (const chain of chains) this.#inFlight.set(chain, (this.#inFlight.get(chain) ?? 1) - 1);
    }
  }

  async rehearse(_tenantId: string, commands: readonly Envelope[]): Promise<Answer[]> {
    return commands.map((command) =>
      command.commandType === 'CreateTenant' && this.#isTaken(command) ? refusal('TenantExists') : accepted(''),
    );
  }

  async customers(_tenantId: string, page: { offset: number; limit: number }) {
    const all = [...this.#customers.values()].map(({ customerId, externalRef }) => ({
      customerId,
      externalRef,
      fullName: '',
      email: '',
      createdAt: '',
    }));
    return { customers: all.slice(page.offset, page.offset + page.limit), total: all.length };
  }

  async accounts(_tenantId: string, page: { offset: number; limit: number; customerId?: string }) {
    const all = [...this.#accounts.values()]
      .filter((account) => page.customerId === undefined || account.customerId === page.customerId)
      .map(({ accountId, customerId, productCode, minor }) => ({
        accountId,
        customerId,
        productCode,
        balance: minor / 100,
        currency: 'AUD',
        status: 'ACTIVE' as const,
        openedAt: '',
      }));
    return { accounts: all.slice(page.offset, page.offset + page.limit), total: all.length };
  }

  async chains() {
    return [{ chain: '00', headSeq: 1, headHash: '', projectedSeq: 1 }];
  }

  async trialBalance() {
    const lines = [...this.#general].map(([account, minor]) => ({
      account,
      debits: 0,
      credits: 0,
      balance: minor / 100,
    }));
    return { currency: 'AUD', lines, debits: 0, credits: 0, balance: 0 };
  }

  /** Moves a balance behind everyone's back. */
  tamper(): void {
    for (const account of this.#accounts.values()) {
      account.minor += 1;
      return;
    }
  }

  /** Takes the money out of all accounts, so that entries which must succeed do not. */
  drain(): void {
    for (const account of this.#accounts.values()) account.minor = Math.min(0, account.minor);
  }

  #isTaken(command: Envelope): boolean {
    return this.#tenant !== undefined && this.#tenant !== command.commandId;
  }

  #once(command: Envelope): Answer {
    const key = command.idempotencyKey ?? command.commandId;
    const text = JSON.stringify(command);
    const known = this.#answers.get(key);
    if (known) return known.command === text ? known.answer : refusal('IdempotencyKeyReused');
    const answer = this.#decide(command);
    this.#answers.set(key, { command: text, answer });
    for (const chain of chainsOf(command))
      this.#order.set(chain, [...(this.#order.get(chain) ?? []), `${command.commandId} ${answer.code}`]);
    return answer;
  }

  #decide(command: Envelope): Answer {
    switch (command.commandType) {
      case 'CreateTenant':
        if (this.#isTaken(command)) return refusal('TenantExists');
        this.#tenant = command.commandId;
        return accepted(command.payload.tenantCode);
      case 'UpsertProduct':
        return accepted(command.payload.productCode);
      case 'CreateCustomer': {
        const chain = chainOfKey(command);
        const customerId = `cust_${chain}_${idOf(command)}`;
        const { externalRef = '', employment, riskProfile } = command.payload;
        const incomeMinor = Math.round((employment?.annualIncome ?? 0) * 100);
        this.#customers.set(customerId, {
          customerId,
          externalRef,
          incomeMinor,
          score: riskProfile?.creditScore ?? 0,
          owedMinor: 0,
        });
        return accepted(customerId);
      }
      case 'OpenAccount':
        return this.#open(command);
      case 'PostEntry':
        return this.#post(command);
      default:
        return command satisfies never;
    }
  }

  #open(command: OpenAccount): Answer {
    const { customerId, productCode, initialDeposit = 0, loan } = command.payload;
    const customer = this.#customers.get(customerId);
    if (!customer) return refusal('CustomerUnknown');
    const principalMinor = Math.round((loan?.principal ?? 0) * 100);
    if (loan) {
      if (customer.incomeMinor < 3_000_000) return refusal('IncomeTooLow');
      if (customer.score < 600) return refusal('CreditScoreTooLow');
      if (customer.owedMinor + principalMinor > customer.incomeMinor * 0.4) return refusal('DebtToIncomeTooHigh');
      customer.owedMinor += principalMinor;
    }
    const accountId = `acc_${chainIn(customerId)}_${idOf(command)}`;
    const minor = Math.round(initialDeposit * 100);
    this.#accounts.set(accountId, { accountId, customerId, productCode, minor, floorMinor: -principalMinor });
    this.#general.set('GL_OPENING_DEPOSITS', (this.#general.get('GL_OPENING_DEPOSITS') ?? 0) - minor);
    return accepted(accountId);
  }

  #post(command: PostEntry): Answer {
    const moves = command.payload.legs.map((leg) => ({
      account: this.#accounts.get(leg.accountId),
      accountId: leg.accountId,
      deltaMinor: Math.round(leg.amount * 100) * (leg.direction === 'DEBIT' ? 1 : -1),
    }));
    if (moves.reduce((sum, move) => sum + move.deltaMinor, 0) !== 0) return refusal('EntryUnbalanced');
    if (moves.some((move) => !move.account && !move.accountId.startsWith('GL_'))) return refusal('AccountUnknown');
    if (moves.some(({ account, deltaMinor }) => account && account.minor + deltaMinor < account.floorMinor))
      return refusal('InsufficientFunds');
    for (const { account, accountId, deltaMinor } of moves) {
      if (account) account.minor += deltaMinor;
      else this.#general.set(accountId, (this.#general.get(accountId) ?? 0) + deltaMinor);
    }
    return accepted(`ent_${idOf(command)}`);
  }
}

/** Loses requests and answers in turn, as a bad network does. */
export function losing(every: number): FakeLedgerOptions {
  let calls = 0;
  const fail = (): void => {
    calls += 1;
    if (calls % every === 0) throw new LedgerUnavailable('The network lost it');
  };
  return { before: fail, after: fail };
}

function accepted(entityId: string): Answer {
  return { code: 'ACCEPTED', entityId, transient: false, message: '' };
}

function refusal(code: string): Answer {
  return { code, entityId: '', transient: false, message: 'refused by the fake' };
}

function idOf(command: Envelope): string {
  return hash('sha256', command.commandId).slice(0, 20);
}

function chainOfKey(command: Envelope): string {
  return String(Number.parseInt(hash('sha256', command.idempotencyKey ?? '').slice(0, 4), 16) % 16).padStart(2, '0');
}

function homeOf(command: Envelope): string {
  return chainsOf(command)[0] ?? 'catalog';
}

function chainsOf(command: Envelope): string[] {
  switch (command.commandType) {
    case 'CreateTenant':
    case 'UpsertProduct':
      return ['catalog'];
    case 'CreateCustomer':
      return [chainOfKey(command)];
    case 'OpenAccount':
      return [chainIn(command.payload.customerId)];
    case 'PostEntry':
      return [
        ...new Set(
          command.payload.legs.flatMap((leg) => (leg.accountId.startsWith('GL_') ? [] : [chainIn(leg.accountId)])),
        ),
      ];
    default:
      return command satisfies never;
  }
}
