import { Buffer } from 'node:buffer';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CATALOG, fullChainName, parseChainName } from '../core/chain/name.ts';
import type { Item } from '../dynamodb/wire.ts';
import { BODY_DICTIONARY } from './dictionary.ts';
import type { Commit, Reservation } from './port.ts';

/** The journal table's items. `docs/concepts/journal-format.md` describes them for readers outside. */
export type { Item };

/** Sparse index that lists the tenants: only the commit that creates a tenant carries its key. */
export const REGISTRY_INDEX = 'registry';
export const REGISTRY_VALUE = 'TENANT';

// With some 210 bytes of other attributes a larger body would make the item larger than 1 KB, which is two write units.
const PACK_ABOVE_BYTES = 800;
const dictionary = Buffer.from(BODY_DICTIONARY);
/** Far above what a commit can hold: a forged item must not exhaust its reader's memory. */
const BODY_MAX_BYTES = 16 * 1024 * 1024;
const UNPACKING = { dictionary, maxOutputLength: BODY_MAX_BYTES };
// Zstandard's level 1 takes half the time of gzip's 3 for a large body and makes it smaller; higher levels gain nothing.
const PACKING = { dictionary, params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function itemOfCommit(commit: Commit): Item {
  const pack = Buffer.byteLength(commit.body) > PACK_ABOVE_BYTES;
  return {
    pk: { S: fullChainName(commit) },
    sk: { N: String(commit.firstSeq) },
    last: { N: String(commit.lastSeq) },
    prev: { S: commit.prevHash },
    head: { S: commit.headHash },
    at: { S: commit.committedAt },
    ...(pack
      ? { zst: { B: zstdCompressSync(commit.body, PACKING).toString('base64') } }
      : { body: { S: commit.body } }),
    ...(createsTenant(commit) && { registry: { S: REGISTRY_VALUE } }),
  };
}

/** @throws when the item is no commit: a damaged table must not be read as an empty one */
export function commitOfItem(item: Item): Commit {
  const ref = parseChainName(item['pk']?.S ?? '');
  const packed = item['zst']?.B;
  const body =
    packed === undefined
      ? item['body']?.S
      : zstdDecompressSync(Buffer.from(packed, 'base64'), UNPACKING).toString('utf8');
  const [firstSeq, lastSeq] = [Number(item['sk']?.N), Number(item['last']?.N)];
  const [prevHash, headHash, committedAt] = [item['prev']?.S, item['head']?.S, item['at']?.S];
  if (
    !ref ||
    body === undefined ||
    !Number.isSafeInteger(firstSeq) ||
    !Number.isSafeInteger(lastSeq) ||
    !prevHash ||
    !headHash ||
    !committedAt
  ) {
    throw new Error(
      `Cannot read the item "${item['pk']?.S ?? '?'}" / ${item['sk']?.N ?? '?'} of the journal: it is no commit`,
    );
  }
  return { ...ref, firstSeq, lastSeq, prevHash, headHash, body, committedAt };
}

/** Partition key of a reservation: within the tenant's own keys, the value itself only as a digest. */
export function reservationKey(reservation: Pick<Reservation, 'tenantId' | 'kind' | 'digest'>): string {
  return `${reservation.tenantId}#unique#${reservation.kind}#${reservation.digest}`;
}

export function itemOfReservation(reservation: Reservation): Item {
  return { pk: { S: reservationKey(reservation) }, sk: { N: '0' }, holder: { S: reservation.holder } };
}

export function createsTenant(commit: Commit): boolean {
  return commit.chain === CATALOG && commit.body.includes('"type":"TenantCreated"');
}
