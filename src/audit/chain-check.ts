import { Buffer } from 'node:buffer';
import { hash as hashOf } from 'node:crypto';
import type { ChainEvent } from '../contract/events.ts';
import { genesisHash } from '../core/chain/hash.ts';
import { type ChainRef, fullChainName } from '../core/chain/name.ts';
import { sha256 } from '../journal/sha256.ts';
import { bodyOf, HASH_LENGTH, type Lines } from './body.ts';
import type { Findings } from './findings.ts';
import { checkLine } from './line-check.ts';
import type { StoredItem } from './source.ts';

export interface CheckedCommit {
  /** Commit time as stored; not part of the hashes. */
  committedAt: string;
  /** Whether the commit is listed in the tenant registry. */
  registered: boolean;
  /** Events whose lines could be read. */
  events: ChainEvent[];
}

/** Follows one chain commit by commit and checks HASH_CHAIN. */
export interface ChainCheck {
  readonly headSeq: number;
  /** Head as the last commit claims it. */
  readonly headHash: string;
  /** Head as the lines read hash to, from the genesis on: any change of any line changes it for good. */
  readonly computedHash: string;
  next(item: StoredItem): CheckedCommit;
}

const HEX_256 = /^[0-9a-f]{64}$/;

/**
 * After a fault it goes on from what the commit claims (its `last` and `head`): so one damage is one breach, not one for
 * every commit after it.
 */
export function createChainCheck(ref: ChainRef, findings: Findings): ChainCheck {
  const { chain } = ref;
  let headSeq = 0;
  let headHash = genesisHash(fullChainName(ref), sha256);
  let computedHash = headHash;

  const check = (holds: boolean, seq: number, reason: () => string) =>
    findings.check('HASH_CHAIN', holds, { chain, seq }, reason);

  return {
    get headSeq() {
      return headSeq;
    },
    get headHash() {
      return headHash;
    },
    get computedHash() {
      return computedHash;
    },
    next(item) {
      const due = headSeq + 1;
      const { sk, prev, head, last, at } = item;
      const first = typeof sk === 'number' && Number.isSafeInteger(sk) && sk > 0 ? sk : due;
      check(
        sk === due,
        due,
        () =>
          `The chain goes on with a commit at ${JSON.stringify(sk)} where ${due} is due: ${first < due ? 'a fork' : 'a gap'}`,
      );
      check(prev === headHash, first, () => 'The commit does not follow the hash before it (prev)');
      check(
        typeof at === 'string' && !Number.isNaN(Date.parse(at)),
        first,
        () => `The commit time ${JSON.stringify(at)} is no date-time`,
      );

      const body = bodyOf(item);
      const lines = 'fault' in body ? NO_LINES : body;
      const count = lines.ends.length;
      check(lines === body, first, () => ('fault' in body ? body.fault : ''));
      check(
        last === first + count - 1,
        first,
        () => `The commit claims to end at ${JSON.stringify(last)} but has ${count} lines`,
      );

      let hash = typeof prev === 'string' && HEX_256.test(prev) ? prev : headHash;
      const intact = hash === computedHash;
      const events: ChainEvent[] = [];
      let start = HASH_LENGTH;
      for (const [index, end] of lines.ends.entries()) {
        // Read before it is hashed: the hash of the next line takes the place of its last bytes.
        const line = lines.bytes.toString(lines.isAscii ? 'latin1' : 'utf8', start, end);
        hash = linked(hash, lines.bytes, start, end);
        if (!intact) computedHash = linked(computedHash, lines.bytes, start, end);
        const checked = checkLine(line, first + index);
        check('event' in checked, first + index, () => ('fault' in checked ? checked.fault : ''));
        if ('event' in checked) events.push(checked.event);
        start = end + 1;
      }
      if (intact) computedHash = hash;
      check(
        head === hash,
        first,
        () => `The lines ${first} to ${first + count - 1} are not those that were hashed (head)`,
      );

      const end =
        typeof last === 'number' && Number.isSafeInteger(last) && last >= first ? last : first + Math.max(count, 1) - 1;
      if (end > headSeq) {
        headSeq = end;
        headHash = typeof head === 'string' && HEX_256.test(head) ? head : hash;
      }
      return { committedAt: typeof at === 'string' ? at : '', registered: item['registry'] === 'TENANT', events };
    },
  };
}

const NO_LINES: Lines = { bytes: Buffer.alloc(0), ends: [], isAscii: true };

/** Hashes a line after the hash before it, which is written where it belongs: right before the line. */
function linked(hash: string, bytes: Buffer, start: number, end: number): string {
  bytes.write(hash, start - HASH_LENGTH, 'latin1');
  return hashOf('sha256', bytes.subarray(start - HASH_LENGTH, end), 'hex');
}
