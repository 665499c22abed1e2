/**
 * # The command
 *
 * `decoraft`, what a user types. One verb, one file: `generate.ts` is the only one yet, with `watch.ts` behind its
 * `--watch`. `run.ts` finds the verb, `report.ts` has the words, `terminal.ts` is the port to the shell.
 *
 * It parses arguments and prints; what there is to do is done by `@decoraft/codegen`.
 *
 * What is not here: verbs that talk to a running cluster, because nothing in a cluster answers to an operator yet.
 */
export { run, type Verb } from './run.js';
export { EXIT, type ExitCode, type Terminal } from './terminal.js';
