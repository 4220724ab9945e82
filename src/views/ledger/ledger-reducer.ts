import { isGeneralLedger } from '../../core/chain/name.ts';
import type { Reducer } from '../reducer.ts';
import { ledgerLineOf } from './ledger-row.ts';

/**
 * The chain's share of the trial balance. Each account of an entry counts on its own chain, GL accounts on the entry's home
 * chain, so the shares of all chains add up to zero once all have been projected equally far.
 */
export const ledgerReducer: Reducer = {
  want() {
    // A chain's ledger is loaded with its cursor; the product of a member account stands on the account's row.
  },

  apply({ accounts, ledger }, event) {
    if (event.type !== 'AccountBalanceUpdated') return;
    const { entityId: accountId, seq, payload } = event;
    const line = isGeneralLedger(accountId)
      ? accountId
      : (accounts.peek(accountId)?.ledgerLine ?? ledgerLineOf(accountId, undefined));
    ledger.add(line, { seq, deltaMinor: payload.deltaMinor });
  },
};
