import { chainsOf, fullChainName } from '../core/chain/name.ts';

/** What a digest says of a tenant. Its text is signed; `docs/concepts/verification.md` describes it for readers outside. */
export interface Statement {
  tenant: string;
  /** From 1, without gaps. */
  number: number;
  /** When it was made by the signer's clock, ISO 8601 UTC with milliseconds. */
  at: string;
  /** SHA-256 of the statement before, null for the first. */
  previous: string | null;
  /** Root over the heads of all chains. */
  heads: string;
  /** Root over the events since the digest before, chain by chain. */
  events: string;
}

/** A chain's newest event at the time of a digest: seq 0 and the first hash where there is none. */
export interface Head {
  /** `00` … or `catalog`. */
  chain: string;
  seq: number;
  hash: string;
}

/** A chain's events between two digests. */
export interface Period {
  chain: string;
  from: number;
  to: number;
  /** Root over the hashes of the events, each as its 64 hex digits. */
  root: string;
}

const STATEMENT = new RegExp(
  '^\\{"format":"turingcore-digest/1","tenant":"([A-Z][A-Z0-9_]{1,31})","number":([1-9][0-9]{0,7})' +
    ',"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z)"' +
    ',"previous":(null|"[0-9a-f]{64}"),"heads":"([0-9a-f]{64})","events":"([0-9a-f]{64})"\\}$',
);
const HEAD = /^([A-Z][A-Z0-9_]{1,31}#chain#(\d\d|catalog)) (0|[1-9]\d{0,14}) ([0-9a-f]{64})$/;
const PERIOD = /^([A-Z][A-Z0-9_]{1,31}#chain#(\d\d|catalog)) ([1-9]\d{0,14}) ([1-9]\d{0,14}) ([0-9a-f]{64})$/;

/** @returns the exact text whose UTF-8 bytes are signed */
export function statementText({ tenant, number, at, previous, heads, events }: Statement): string {
  const text = JSON.stringify({ format: 'turingcore-digest/1', tenant, number, at, previous, heads, events });
  if (!STATEMENT.test(text)) throw new RangeError(`Cannot state what is no digest: ${text}`);
  return text;
}

/** @returns the statement, or undefined where the text is not exactly of the form: there is one text for each statement */
export function parseStatement(text: string): Statement | undefined {
  const match = STATEMENT.exec(text);
  if (!match) return undefined;
  const [, tenant = '', number = '', at = '', previous = '', heads = '', events = ''] = match;
  return {
    tenant,
    number: Number(number),
    at,
    previous: previous === 'null' ? null : previous.slice(1, -1),
    heads,
    events,
  };
}

/** @returns the leaf of a head: full name, seq and hash */
export function headText(tenant: string, { chain, seq, hash }: Head): string {
  return `${fullChainName({ tenantId: tenant, chain })} ${seq} ${hash}`;
}

/** @returns the leaf of a period: full name, first and last seq, and root */
export function periodText(tenant: string, { chain, from, to, root }: Period): string {
  return `${fullChainName({ tenantId: tenant, chain })} ${from} ${to} ${root}`;
}

/** @returns the heads, or undefined where a leaf is none of the tenant's or the chains are not in their order, catalog last */
export function parseHeads(tenant: string, texts: readonly string[]): Head[] | undefined {
  const heads: Head[] = [];
  const chains = chainsOf(texts.length - 1);
  for (const [index, text] of texts.entries()) {
    const [, name, chain = '', seq, hash = ''] = HEAD.exec(text) ?? [];
    if (name !== fullChainName({ tenantId: tenant, chain }) || chain !== chains[index]) return undefined;
    heads.push({ chain, seq: Number(seq), hash });
  }
  return heads.length > 0 ? heads : undefined;
}

/** @returns the period, or undefined where the text is none of the tenant's */
export function parsePeriod(tenant: string, text: string): Period | undefined {
  const [, name, chain = '', from, to, root = ''] = PERIOD.exec(text) ?? [];
  if (name !== fullChainName({ tenantId: tenant, chain })) return undefined;
  return { chain, from: Number(from), to: Number(to), root };
}
