import { defineConfig } from 'vitest/config';

export default defineConfig({
  // vitest reads decorator flags only from a tsconfig that includes the file, so they are said here as well.
  oxc: { decorator: { legacy: true } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'codegen/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
