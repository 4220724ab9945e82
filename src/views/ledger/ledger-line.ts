import { type StoredSums, sumsOf } from './ledger-row.ts';

/** A line of the ledger while changes are added to it: exact, and doing without big integers as long as it can. */
export class LedgerLine {
  #debitsMinor: bigint;
  #creditsMinor: bigint;
  /** Debits less credits of the sums above. */
  #settledMinor: number;
  /** What came since, in doubles that are exact. */
  #newDebitsMinor = 0;
  #newCreditsMinor = 0;

  constructor(stored?: StoredSums) {
    const { debitsMinor, creditsMinor } = sumsOf(stored);
    this.#debitsMinor = debitsMinor;
    this.#creditsMinor = creditsMinor;
    this.#settledMinor = Number(debitsMinor - creditsMinor);
  }

  add(deltaMinor: number): void {
    // Only a forged line holds anything but an integer. It counts for nothing: monitor and audit report it, and the chain goes on.
    if (!Number.isInteger(deltaMinor)) return;
    if (deltaMinor >= 0) {
      if (!Number.isSafeInteger(this.#newDebitsMinor + deltaMinor)) this.#settle();
      this.#newDebitsMinor += deltaMinor;
    } else {
      if (!Number.isSafeInteger(this.#newCreditsMinor - deltaMinor)) this.#settle();
      this.#newCreditsMinor -= deltaMinor;
    }
  }

  /** Debits less credits. The turnovers may be too large for a double, the balance of a chain's share never is. */
  get balanceMinor(): number {
    return this.#settledMinor + (this.#newDebitsMinor - this.#newCreditsMinor);
  }

  stored(): StoredSums {
    this.#settle();
    return [String(this.#debitsMinor), String(this.#creditsMinor)];
  }

  #settle(): void {
    if (this.#newDebitsMinor === 0 && this.#newCreditsMinor === 0) return;
    this.#debitsMinor += BigInt(this.#newDebitsMinor);
    this.#creditsMinor += BigInt(this.#newCreditsMinor);
    this.#newDebitsMinor = 0;
    this.#newCreditsMinor = 0;
    this.#settledMinor = Number(this.#debitsMinor - this.#creditsMinor);
  }
}
