import type { Theme } from './world/themes.js';

/** One line of the product, broken on purpose: the simulator must notice. */
export interface Mutation {
  /** What is wrong with the product then; unique. */
  readonly name: string;
  /** Of the checklist of mistakes that others made: `C11`. CHECKLIST.md has them all. */
  readonly point: `C${number}`;
  /** In which worlds it is looked for. */
  readonly theme: Theme;
  /** The TypeScript source, from the root of the repository. */
  readonly file: `packages/${string}.ts`;
  /** Occurs in it exactly once. */
  readonly find: string;
  readonly replace: string;
}
