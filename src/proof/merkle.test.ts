import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingTree, rootByPath, rootOf, WholeTree } from './merkle.ts';

/** The reference vectors of Certificate Transparency (google/certificate-transparency, merkletree tests). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex').toString('latin1'),
);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** RFC 6962, section 2.1, word by word. */
function definedRoot(leaves: readonly string[]): Buffer {
  const sha256 = (...parts: (Buffer | string)[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256('\0', leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256('\x01', definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)));
}

const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 70 });

describe('the Merkle tree of RFC 6962', () => {
  it('gives the known roots', () => {
    expect(rootOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [index, root] of ROOTS.entries()) expect(rootOf(LEAVES.slice(0, index + 1))).toBe(root);
  });

  it('gives the root that the definition gives, grown or whole', () => {
    fc.assert(
      fc.property(texts, (leaves) => {
        const root = definedRoot(leaves).toString('hex');
        expect(rootOf(leaves)).toBe(root);
        expect(new WholeTree(leaves).root()).toBe(root);
        const tree = new GrowingTree();
        for (const [index, leaf] of leaves.entries()) {
          expect(tree.root()).toBe(definedRoot(leaves.slice(0, index)).toString('hex'));
          tree.add(leaf);
        }
        tree.clear();
        tree.add(root);
        tree.addHash(root);
        expect(tree.root()).toBe(rootOf([root, root]));
      }),
      { numRuns: 40 },
    );
  });

  it('gives a path from every leaf to the root', () => {
    for (let size = 1; size <= 40; size += 1) {
      const leaves = Array.from({ length: size }, (_, index) => `leaf ${index}`);
      const tree = new WholeTree(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const path = tree.path(index);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(rootByPath({ leaf, index, size, path })).toBe(tree.root());
      }
    }
  });

  it('gives another root for any other leaf, place or path', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), fc.nat(), (size, which, change) => {
        const leaves = Array.from({ length: size }, (_, index) => `leaf ${index}`);
        const tree = new WholeTree(leaves);
        const index = which % size;
        const leaf = leaves[index]!;
        const path = tree.path(index);
        const root = tree.root();
        expect(rootByPath({ leaf: 'another', index, size, path })).not.toBe(root);
        const at = change % path.length;
        expect(rootByPath({ leaf, index, size, path: path.with(at, rootOf(['another'])) })).not.toBe(root);
        expect(rootByPath({ leaf, index, size, path: path.toSpliced(at, 1) })).not.toBe(root);
        expect(rootByPath({ leaf, index, size, path: [...path, root] })).not.toBe(root);
      }),
    );
  });

  it('does not follow a path that cannot be', () => {
    const way = { leaf: 'x', index: 0, size: 1, path: [] };
    expect(rootByPath(way)).toBe(rootOf(['x']));
    for (const change of [
      { index: 1 },
      { index: -1 },
      { index: 0.5 },
      { size: 0 },
      { size: 2 ** 60 },
      { path: ['xy'] },
    ])
      expect(rootByPath({ ...way, ...change })).toBeUndefined();
    expect(rootByPath({ leaf: 'x', index: 0, size: 2, path: ['not hex'] })).toBeUndefined();
  });
});
