/**
 * # The command
 *
 * `decoraft`, what a user types. One verb, one file: `init.ts`, which fills in `templates/`; `generate.ts` with `watch.ts`
 * behind its `--watch`; `check.ts` with `released-lock.ts` (what was released) and `changes-text.ts`; `docs.ts`;
 * `explain.ts`;
 * `simulate.ts` with `simulation/` (arguments, a user's module, progress, sums, failures) and `proof/`, a machine of
 * our own that tries Decoraft itself; `inspect.ts`, `backup.ts`, `restore.ts` with `operator/` (what they print);
 * `force-new-cluster.ts`. `run.ts` finds the verb, `report.ts` has the words of
 * the generator, `terminal.ts` is the port to the shell.
 *
 * `vite.ts` is an entry point of its own, `@decoraft/cli/vite`: the generator as a plugin, with `vite/`.
 *
 * It parses arguments and prints; what there is to do is done by `@decoraft/codegen`, `@decoraft/testing` and
 * `@decoraft/server`.
 *
 * What is not here: other verbs that talk to a running cluster than `backup` (issue 5 has them), and seeds tried by several processes at
 * once: `npm run soak` of the repository does this, with `PROOF`, `Totals` and `summarize` of this package.
 */
export { PROOF } from './proof/proof.js';
export { run, type Verb } from './run.js';
export { summarize } from './simulation/summary.js';
export { Totals } from './simulation/totals.js';
export { EXIT, type ExitCode, type Terminal } from './terminal.js';
