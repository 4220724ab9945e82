import { type ChainRef, fullChainName } from '../core/chain/name.ts';

/** Names of an export's files. `docs/concepts/verification.md` describes them for readers outside. */
export const EXPORT_FORMAT = 'turingcore-export/1';
export const README_FILE = 'README.md';
export const MANIFEST_FILE = 'manifest.json';
export const VERIFIER_FILE = 'verify.py';
/** The key of the last digest; those of earlier ones are called `public-key-<key id>.pem`; any name that begins and ends so will do. */
export const PUBLIC_KEY_FILE = 'public-key.pem';
export const PUBLIC_KEYS = /^public-key.*\.pem$/;

export const formerKeyFile = (keyId: string): string => `public-key-${keyId}.pem`;
export const chainFile = (chain: string): string => `chains/${chain}.ndjson`;

export const DIGESTS_FOLDER = 'digests';
export type DigestPart = 'json' | 'sig' | 'heads' | 'periods';
/** The statement's exact bytes, its signature in DER, and the leaves, each ended by a newline. */
export const digestFile = (number: number, part: DigestPart): string =>
  `${DIGESTS_FOLDER}/${String(number).padStart(8, '0')}.${part}`;
export const STATEMENT_FILE = /^(\d{8})\.json$/;

/** What an export says of itself. None of it is signed: a verifier holds it against the lines. */
export interface Manifest {
  format: typeof EXPORT_FORMAT;
  tenant: string;
  /** ISO 8601 UTC. */
  exportedAt: string;
  /** In their order, catalog last. */
  chains: { chain: string; events: number; head: string }[];
  /** Number of digests. */
  digests: number;
}

const TOP_NAMES = 'format,tenant,exportedAt,chains,digests';
const CHAIN_NAMES = 'chain,events,head';

/** @returns the manifest, or undefined where the text is none: it has all names in their order, and values of their kinds */
export function parseManifest(text: string): Manifest | undefined {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { format, tenant, exportedAt, chains, digests } = value ?? {};
  const sound =
    hasNames(value, TOP_NAMES) &&
    format === EXPORT_FORMAT &&
    typeof tenant === 'string' &&
    /^[A-Z][A-Z0-9_]{1,31}$/.test(tenant) &&
    typeof exportedAt === 'string' &&
    /^[\d:.TZ-]{24}$/.test(exportedAt) &&
    isCount(digests) &&
    Array.isArray(chains) &&
    chains.every(
      (each) =>
        hasNames(each, CHAIN_NAMES) &&
        typeof each.chain === 'string' &&
        /^(?:\d\d|catalog)$/.test(each.chain) &&
        isCount(each.events) &&
        typeof each.head === 'string',
    );
  return sound ? (value as Manifest) : undefined;
}

/** @returns the exact bytes of the file: whoever has verified what it says can tell whether one of them was changed */
export function manifestText({ format, tenant, exportedAt, chains, digests }: Manifest): string {
  const inOrder = chains.map(({ chain, events, head }) => ({ chain, events, head }));
  return `${JSON.stringify({ format, tenant, exportedAt, chains: inOrder, digests }, undefined, 2)}\n`;
}

function hasNames(value: object | null | undefined, names: string): boolean {
  return Object.keys(value ?? {}).join() === names;
}

/** At most 15 digits, as a seq has. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && !Object.is(value, -0) && /^\d{1,15}$/.test(String(value));
}

/** @returns what stands in the README of an export */
export function readmeOf({ tenantId }: Pick<ChainRef, 'tenantId'>): string {
  const name = fullChainName({ tenantId, chain: '00' });
  return `# The ledger of ${tenantId}

Everything that this ledger holds, and what its keeper signed of it. Whether a byte was changed, removed or cut off can be
checked without the keeper, without a network and without any code of theirs.

| File | Content |
| --- | --- |
| \`chains/00.ndjson\` … \`chains/catalog.ndjson\` | the events of each chain, one a line, the exact bytes that were hashed |
| \`digests/00000001.json\` … | the digests' statements, the exact bytes that were signed (no newline at the end) |
| \`digests/00000001.sig\` | its signature: ECDSA on P-256 with SHA-256, DER |
| \`digests/00000001.heads\`, \`.periods\` | the leaves under the statement's two roots, one a line |
| \`public-key.pem\` | the public key; an earlier one is called \`public-key-<key id>.pem\`, and counts only for digests that later ones bind |
| \`manifest.json\` | what there is; signed by nobody |
| \`verify.py\` | a verifier: Python's standard library, and openssl for the signatures |

## Check it

\`\`\`sh
python3 verify.py . the-key-you-were-given.pem
\`\`\`

Take the public key from where its owner publishes it: the one in this folder tells only that the folder agrees with itself.
\`verify.py\` is not signed: take it from there too, or from an earlier export. Exit code 0: no fault was found; 5: a fault; 1: this
cannot be told, because files cannot be read, or there is no public key or no openssl.

Keep the last digest that is printed, as \`12:<SHA-256>\`, and give it to the verifier along with the next export: this tells whether
that one goes on from here. Events that the last digest does not cover are not in this folder.

\`\`\`sh
python3 verify.py . the-key-you-were-given.pem 12:<SHA-256>
\`\`\`

## By hand

- \`openssl dgst -sha256 -verify public-key.pem -signature digests/00000001.sig digests/00000001.json\`
- \`previous\` in a statement is the SHA-256 of the statement before: \`sha256sum digests/00000001.json\`.
- hash(0) of a chain is the SHA-256 of its full name, such as \`${name}\`; hash(n) is the SHA-256 of the 64 hex digits of
  hash(n−1) followed by line n without its newline. A line of \`.heads\` is: full name, a space, seq of the newest event, a
  space, its hash.
- \`heads\` in a statement is the root of a Merkle tree (RFC 6962) whose leaves are the lines of \`.heads\`, without newlines.
- \`events\` is the root of such a tree over the lines of \`.periods\`: full name, first and last seq since the digest before,
  and the root of a tree whose leaves are the hashes of these events, as 64 hex digits each.
- RFC 6962: a leaf's hash is SHA-256 of a byte 0 and the leaf, a node's SHA-256 of a byte 1 and the two hashes under it (32 bytes
  each); the left half of n leaves is the largest power of two below n; the root of no leaves is the SHA-256 of nothing.
`;
}
