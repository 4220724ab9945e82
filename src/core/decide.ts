import { decideOpenAccount, OPENING_DEPOSITS } from './account/account.ts';
import { CATALOG, chainOfId } from './chain/name.ts';
import type { ChainState } from './chain/state.ts';
import type { Claim, Command } from './command.ts';
import { decideCreateCustomer } from './customer/customer.ts';
import type { Decision } from './decision.ts';
import { chainsOfEntry, decidePostEntry } from './ledger/post-entry.ts';
import { decideUpsertProduct, type Product } from './product/product.ts';
import { decideCreateTenant, type Tenant } from './tenant/tenant.ts';

/** What a decision may look at: the catalog and the working states of the command's chains. */
export interface DecisionContext {
  tenant: Tenant | undefined;
  product: (productCode: string) => Product | undefined;
  /** The command's home chain, from `chainsOfCommand`. */
  home: string;
  chain: (name: string) => { state: ChainState; nextSeq: number };
  /** Whether a unique value is taken, as far as is known before the append, which has the last word. */
  isTaken: (claim: Claim) => boolean;
}

/**
 * Decides a command. Pure: the same command on the same state gives the same decision.
 * @throws when the tenant does not exist, which callers check first, as it is no refusal of the ledger's
 */
export function decide(command: Command, context: DecisionContext): Decision {
  const { home } = context;
  if (command.type === 'CreateTenant') return decideCreateTenant(command, context.tenant);
  const { tenant } = context;
  if (!tenant) throw new Error(`Cannot decide ${command.type}: the tenant does not exist`);
  switch (command.type) {
    case 'UpsertProduct':
      return decideUpsertProduct(command, context.product(command.payload.productCode));
    case 'CreateCustomer':
      return decideCreateCustomer(command, { tenant, chain: home, isTaken: context.isTaken });
    case 'OpenAccount': {
      const { state, nextSeq } = context.chain(home);
      return decideOpenAccount(command, {
        tenant,
        chain: home,
        nextSeq,
        customer: state.customers.get(command.payload.customerId),
        product: context.product(command.payload.productCode),
        openingDepositsMinor: state.ledger.get(OPENING_DEPOSITS) ?? 0,
      });
    }
    case 'PostEntry':
      return decidePostEntry(command, {
        tenant,
        home,
        nextSeq: (chain) => context.chain(chain).nextSeq,
        account: (chain, accountId) =>
          isChainOf(tenant, chain) ? context.chain(chain).state.accounts.get(accountId) : undefined,
        ledgerBalanceMinor: (chain, accountId) => context.chain(chain).state.ledger.get(accountId) ?? 0,
      });
    default:
      return command satisfies never;
  }
}

/**
 * Names the chains of a command, the home chain first.
 * @param picked the chain to which the command's key hashes: home of what names no chain
 */
export function chainsOfCommand(command: Command, tenant: Tenant | undefined, picked: string): [string, ...string[]] {
  switch (command.type) {
    case 'CreateTenant':
    case 'UpsertProduct':
      return [CATALOG];
    case 'CreateCustomer':
      return [picked];
    case 'OpenAccount': {
      const chain = chainOfId(command.payload.customerId);
      return [chain !== undefined && tenant && isChainOf(tenant, chain) ? chain : picked];
    }
    case 'PostEntry': {
      // Ids of chains that the tenant does not have name no account; the decision will say so.
      const [home, ...others] = (chainsOfEntry(command.payload.entry.legs) ?? []).filter(
        (chain) => tenant && isChainOf(tenant, chain),
      );
      return [home ?? picked, ...others];
    }
    default:
      return command satisfies never;
  }
}

function isChainOf(tenant: Tenant, chain: string): boolean {
  return Number(chain) < tenant.chains;
}
