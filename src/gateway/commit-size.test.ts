import { Buffer } from 'node:buffer';
import { array, assert, nat, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { CommitSize } from './commit-size.ts';

it('has room for lines as long as all of them, with their newlines, are no more bytes than allowed', () => {
  const lines = array(string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 4 });
  assert(
    property(array(lines, { maxLength: 12 }), nat({ max: 600 }), (additions, maxBytes) => {
      const size = new CommitSize();
      let bytes = 0;
      for (const added of additions) {
        const more = added.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
        expect(size.hasRoomFor(added, maxBytes)).toBe(bytes + more <= maxBytes);
        for (const line of added) size.add(line);
        bytes += more;
      }
    }),
  );
});
