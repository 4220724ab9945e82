import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { sha256 } from '../../journal/sha256.ts';
import { keyIdOf, makePrivateKey } from '../../proof/keys.ts';
import { rootOf } from '../../proof/merkle.ts';
import { statementText } from '../../proof/statement.ts';
import type { StoredItem } from '../source.ts';
import type { TestBank } from './bank.ts';

/** Who signs, the ledger or somebody else. @returns what makes the copy of a digest that is sound by itself */
export function createCopies(tenant: string) {
  const key = createPrivateKey(makePrivateKey());
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const pk = `${tenant}#digest`;

  /** @param digest.previous the row of the digest before; absent for the first */
  return function copy(digest: {
    number: number;
    heads: readonly string[];
    previous?: StoredItem | undefined;
    at?: string;
  }) {
    const { number, heads, previous, at = '2025-01-01T00:00:00.000Z' } = digest;
    const statement = statementText({
      tenant,
      number,
      at,
      previous: previous ? sha256(docOf(previous)['statement'] as string) : null, // as it was put in below
      heads: rootOf(heads),
      events: rootOf([]),
    });
    const signature = sign('sha256', Buffer.from(statement), key).toString('base64');
    const doc = { seq: number, statement, signature, key: keyIdOf(publicKey), publicKey, heads, periods: [] };
    return { pk, sk: String(number).padStart(8, '0'), doc: JSON.stringify(doc) };
  };
}

/** What a digest of a test bank as it is now is signed over. */
export function leavesOf(bank: TestBank): string[] {
  return ['00', '01', 'catalog'].map((chain) => {
    const name = `${bank.tenantId}#chain#${chain}`;
    const { last, head } = bank.items().findLast(({ pk }) => pk === name) ?? {};
    return `${name} ${String(last)} ${String(head)}`;
  });
}

/** The document of a copy. */
export function docOf({ doc }: StoredItem): Record<string, unknown> {
  const document: Record<string, unknown> = JSON.parse(String(doc));
  return document;
}
