import type { AccountKind } from '../archetypes/archetype.ts';
import type { EntryIntent } from './intent.ts';

/**
 * The twin's own books, in minor units: what each account must stand at when the ledger has taken everything that the
 * twin expects it to take.
 */
export class Books {
  readonly members: number;
  readonly #balancesMinor: Record<AccountKind, Float64Array>;
  readonly #glMinor = new Map<string, number>();

  constructor(members: number) {
    this.members = members;
    const zeros = () => new Float64Array(members);
    this.#balancesMinor = { TXN: zeros(), SAVINGS: zeros(), TERM: zeros(), LOAN: zeros() };
  }

  balanceMinor(member: number, kind: AccountKind): number {
    return this.#balancesMinor[kind][member] ?? 0;
  }

  /** Sum over all members. */
  totalMinor(kind: AccountKind): number {
    let sum = 0;
    for (const balance of this.#balancesMinor[kind]) sum += balance;
    return sum;
  }

  /** Balances of the general-ledger accounts, summed over chains. */
  generalLedger(): ReadonlyMap<string, number> {
    return this.#glMinor;
  }

  /** An opening deposit: the ledger credits GL_OPENING_DEPOSITS for it. */
  open(member: number, kind: AccountKind, amountMinor: number): void {
    this.#move({ member, kind }, amountMinor);
    this.#move('GL_OPENING_DEPOSITS', -amountMinor);
  }

  post(entry: Pick<EntryIntent, 'legs'>): void {
    for (const leg of entry.legs)
      this.#move(leg.account, leg.direction === 'DEBIT' ? leg.amountMinor : -leg.amountMinor);
  }

  #move(account: string | { member: number; kind: AccountKind }, deltaMinor: number): void {
    if (typeof account === 'string') {
      this.#glMinor.set(account, (this.#glMinor.get(account) ?? 0) + deltaMinor);
      return;
    }
    const balances = this.#balancesMinor[account.kind];
    balances[account.member] = (balances[account.member] ?? 0) + deltaMinor;
  }
}
