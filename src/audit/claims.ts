import type { ChainEventOf } from '../contract/events.ts';
import { sha256 } from '../journal/sha256.ts';
import type { Findings } from './findings.ts';
import type { StoredItem } from './source.ts';

/** Recomputes which customer holds which unique value, and compares that with the reservations that are stored. */
export interface Claims {
  created(event: ChainEventOf<'CustomerCreated'>, chain: string): void;
  /** All chains have been read once and the reservations come next: customers created from here on may lack theirs. */
  mark(): void;
  /** Takes an item of the journal that stands on none of the tenant's chains. */
  item(item: StoredItem): void;
  /** Compares claims and reservations, both ways. */
  finish(): void;
}

/** @param isHolderHere whether the customer of this id is, or would be, among those whose creation is read */
export function createClaims(
  tenantId: string,
  findings: Findings,
  isHolderHere: (customerId: string) => boolean,
): Claims {
  const holders = new Map<string, { customerId: string; due: boolean }>();
  const reserved = new Map<string, { holder: unknown; isHere: boolean }>();
  let marked = false;
  const prefix = `${tenantId}#unique#`;

  return {
    created(event, chain) {
      const { person, externalRef } = event.payload;
      const values = { email: person.email.toLowerCase(), mobile: person.mobile, externalRef };
      for (const [kind, value] of Object.entries(values)) {
        if (value === undefined) continue;
        const key = `${prefix}${kind}#${sha256(value)}`;
        const holder = holders.get(key);
        findings.check(
          'ACCOUNT_CONSTRAINTS',
          !holder,
          { chain, seq: event.seq },
          () => `Customer ${event.entityId} has the ${kind} of customer ${holder?.customerId ?? ''}`,
        );
        if (!holder) holders.set(key, { customerId: event.entityId, due: !marked });
      }
    },

    mark() {
      marked = true;
    },

    item({ pk, sk, holder }) {
      const key = String(pk);
      const isReservation = key.startsWith(prefix) && sk === 0;
      const isHere = isHolderHere(String(holder));
      // Held by a customer of another piece, it is judged there; here only if a customer of this piece has the value.
      if (!isHere && holders.has(key)) reserved.set(key, { holder, isHere });
      if (!isHere) return;
      findings.check(
        'TENANT_ISOLATION',
        isReservation,
        {},
        () => `Item ${key} / ${String(sk)} is no reservation and stands on no chain of this tenant`,
      );
      if (isReservation) reserved.set(key, { holder, isHere });
    },

    finish() {
      for (const [key, { customerId, due }] of holders) {
        if (due || reserved.has(key)) {
          findings.check(
            'ACCOUNT_CONSTRAINTS',
            reserved.get(key)?.holder === customerId,
            {},
            () => `Customer ${customerId} does not hold reservation ${key}`,
          );
        }
      }
      for (const [key, { holder, isHere }] of reserved) {
        if (!isHere) continue;
        findings.check(
          'ACCOUNT_CONSTRAINTS',
          holders.has(key),
          {},
          () => `No customer has the value of reservation ${key} (${String(holder)})`,
        );
      }
    },
  };
}
