import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LAYERS, readSources, violationsOf } from './layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('layers', () => {
  it('holds the import table', () => {
    const files = readSources(root);
    expect(
      new Set(Object.keys(LAYERS).filter((layer) => files.some((file) => file.path.includes(`${layer}/`)))),
    ).toEqual(new Set(Object.keys(LAYERS)));
    expect(violationsOf(files)).toEqual([]);
  });

  it.each([
    ['src/twin/shortcut.ts', "import { createGateway } from '../gateway/gateway.ts';", 'twin may not import gateway'],
    [
      'src/twin/shortcut.ts',
      "export { commandEnvelope } from '../contract/envelope.ts';",
      'twin may not import contract',
    ],
    ['src/core/clock.ts', "import { hrtime } from 'node:process';", 'core uses no node: module'],
    ['src/core/clock.ts', "import { LIMITS } from '../contract/limits.ts';", 'core may import only types of contract'],
    [
      'src/core/clock.ts',
      "import type { X } from '../contract/events.ts';\nimport { LIMITS } from '../contract/limits.ts';",
      'core may import only types of contract',
    ],
    ['src/core/library.ts', "import { z } from 'zod';", 'core uses no such package'],
    [
      'src/gateway/direct.ts',
      "import { createDynamoJournal } from '../journal/dynamodb-journal.ts';",
      'gateway may not import journal',
    ],
    ['src/contract/up.ts', "const core = await import('../core/decide.ts');", 'contract may not import core'],
    ['src/audit/shared.ts', "import { decide } from '../core/decide.ts';", 'audit may not import core'],
    ['src/cli/direct.ts', "import { handler } from '../../lambdas/command/handler.ts';", 'cli may not import lambdas'],
    [
      'lambdas/twin/direct.ts',
      "import { sha256 } from '../../src/journal/sha256.ts';",
      'lambdas/twin may not import journal',
    ],
    ['src/new-layer/thing.ts', '', 'belongs to no layer'],
  ])('finds a violation planted in %s: %s', (path, text, fault) => {
    const [violation, ...others] = violationsOf([{ path, text }]);
    expect(violation).toContain(fault);
    expect(others).toEqual([]);
  });

  it.each([
    ['src/core/fine.ts', "import type { ChainEvent } from '../contract/events.ts';"],
    [
      'src/twin/fine.ts',
      "import { createLedgerClient } from '../sdk/client.ts';\nimport { readFile } from 'node:fs/promises';",
    ],
    ['src/gateway/fine.ts', "import { JournalUnavailableError } from '../journal/port.ts';"],
  ])('lets %s be: %s', (path, text) => {
    expect(violationsOf([{ path, text }])).toEqual([]);
  });
});
