import type { PublicKeys } from './keys.ts';
import { rootOf } from './merkle.ts';
import type { Digest } from './port.ts';
import { type Head, parseHeads, parseStatement, type Statement } from './statement.ts';

/** A digest whose signature and leaves were checked. */
export interface SoundDigest {
  /** The exact text of the statement. */
  text: string;
  statement: Statement;
  heads: readonly Head[];
  periods: readonly string[];
}

/** What is checked of a digest: its texts and its signature. */
export type DigestTexts = Pick<Digest, 'statement' | 'signature' | 'heads' | 'periods'>;

/** Checks a digest by itself: its form, its signature, that it is the one asked for, and that the leaves are those of its roots. */
export function readDigest(
  digest: DigestTexts,
  due: { tenant: string; number: number; keys: PublicKeys },
): SoundDigest | { fault: string } {
  const statement = parseStatement(digest.statement);
  if (!statement) return { fault: 'The statement does not have the form of a digest' };
  if (!due.keys.signed(digest.statement, digest.signature)) return { fault: 'The signature was not made by this key' };
  if (statement.tenant !== due.tenant || statement.number !== due.number)
    return { fault: `The statement is digest ${statement.number} of ${statement.tenant}` };
  if (rootOf(digest.heads) !== statement.heads || rootOf(digest.periods) !== statement.events)
    return { fault: 'The leaves are not those of the statement' };
  const heads = parseHeads(due.tenant, digest.heads);
  if (!heads) return { fault: 'The heads are not those of the chains that are here' };
  return { text: digest.statement, statement, heads, periods: digest.periods };
}
