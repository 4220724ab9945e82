import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/support/temporary-folder.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['{src,lambdas,lib,bin,tools,bench}/**/*.test.ts'] } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      // Its files share one import of the CDK and one synthesis: apart they take four times as long.
      { extends: true, test: { name: 'infra', include: ['test/infra/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: { name: 'api', include: ['test/api/**/*.test.ts'], globalSetup: ['test/api/support/synthesize.ts'] },
      },
      // Its work is done in processes of its own.
      { extends: true, test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'] } },
      { extends: true, test: { name: 'demo', include: ['test/demo/**/*.test.ts'] } },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.test.ts'] } },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/core/**', 'src/journal/**', 'src/gateway/**'],
      exclude: ['**/*.test.ts'],
      thresholds: { lines: 90 },
    },
  },
});
