import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Journal } from '../../src/journal/port.ts';
import type { JournalEngine } from './journals.ts';
import * as ledger from './ledger.ts';

let sequence = 0;

/** The code of a tenant that no other test of the file has. */
export function nextTenant(): string {
  sequence += 1;
  return `CU_${sequence}`;
}

/** A tenant to come, a process of its own to write for it, and what tests say of both. */
export function openWritePath(engine: JournalEngine) {
  const journal: Journal = engine.journal();
  const gateway: Gateway = ledger.gatewayOn(journal);
  const tenantId = nextTenant();
  const bank = (members: number, deposit?: number) =>
    ledger.openBank(gateway, { members, tenantId, ...(deposit !== undefined && { deposit }) });
  const post = (from: string, to: string, amount: number, id: string, change?: ledger.EntryOptions['change']) =>
    ledger.move(from, to, amount, { id, tenantId, ...(change && { change }) });
  const verified = () => ledger.readVerified(journal, tenantId);
  return { journal, gateway, tenantId, bank, post, verified };
}

/** @throws where the list is shorter */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`Nothing at ${index}`);
  return value;
}
