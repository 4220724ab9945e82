import { accountReducer } from './accounts/account-reducer.ts';
import { customerReducer } from './customers/customer-reducer.ts';
import { ledgerReducer } from './ledger/ledger-reducer.ts';
import { listReducer } from './lists/list-reducer.ts';
import { productReducer } from './products/product-reducer.ts';
import type { Reducer } from './reducer.ts';

/** All views. */
export const REDUCERS: readonly Reducer[] = [
  accountReducer,
  customerReducer,
  productReducer,
  ledgerReducer,
  listReducer,
];
