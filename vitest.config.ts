import { defineConfig } from 'vitest/config';

/** vitest reads decorator flags only from a tsconfig that includes the file, so they are said here as well. */
const oxc = { decorator: { legacy: true } };

export default defineConfig({
  oxc,
  test: {
    projects: [
      {
        oxc,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts', 'codegen/test/**/*.test.ts'],
          // Several times what the longest of them, a hundred simulated clusters, takes on two quiet cores.
          testTimeout: 90_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        oxc,
        test: {
          // Real processes and disks: one file at a time, or two cores are too few to tell slow from broken.
          name: 'system',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
