import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../journal/sha256.ts';
import { eventIdOf, genesisHash, linkHash } from './hash.ts';
import { chainOfId, chainsOf, fullChainName, parseChainName } from './name.ts';
import { overlayOf } from './overlay.ts';
import { initialChainState } from './state.ts';

const reference = (text: string) => createHash('sha256').update(Buffer.from(text, 'utf8')).digest('hex');

describe('hash chain', () => {
  it('begins with the hash of the chain’s name and links by the hex of the hash before', () => {
    const genesis = genesisHash('CU_DIGITAL#chain#07', sha256);
    expect(genesis).toBe(reference('CU_DIGITAL#chain#07'));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (line) => {
        expect(linkHash(genesis, line, sha256)).toBe(reference(genesis + line));
      }),
    );
  });

  it('makes an event’s id of its hash: a UUID of version 8 that keeps 122 bits of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = reference(text);
        const id = eventIdOf(hash);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        const bits = (hex: string) => BigInt(`0x${hex.replaceAll('-', '')}`) & ~((0xfn << 76n) | (0x3n << 62n));
        expect(bits(id)).toBe(bits(hash.slice(0, 32)));
      }),
    );
  });
});

describe('chain names', () => {
  it('reads back every name it writes, and nothing else', () => {
    for (const chain of chainsOf(16))
      expect(parseChainName(fullChainName({ tenantId: 'CU_A', chain }))).toEqual({ tenantId: 'CU_A', chain });
    for (const other of [
      'CU_A#unique#email#0',
      'CU_A#chain#7',
      'CU_A#chain#007',
      'CU_A#chain#07#x',
      '#chain#07',
      'cu_a#chain#07',
    ]) {
      expect(parseChainName(other)).toBeUndefined();
    }
    expect(['cust_07_ab', 'acc_15_ab', 'ent_00_1_ab', 'ACC_123_TXN', 'GL_X', 'acc_7_a'].map(chainOfId)).toEqual([
      '07',
      '15',
      '00',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('overlayOf', () => {
  it('shows its changes over the base, and leaves the base alone until they are applied', () => {
    const base = initialChainState();
    base.ledger.set('GL_A', 1);
    base.ledger.set('GL_B', 2);
    const { state, apply } = overlayOf(base);
    state.ledger.set('GL_A', 0);
    expect([state.ledger.get('GL_A'), state.ledger.get('GL_B'), base.ledger.get('GL_A')]).toEqual([0, 2, 1]);
    apply();
    expect(base.ledger.get('GL_A')).toBe(0);
  });
});
