/**
 * # Codegen
 *
 * Reads decorated classes with the compiler and writes what goes with them: a typed client for callers, and a
 * table of operations by which servers check calls. One direction, one step a folder:
 *
 * find (`find-files.ts`) → load (`tsconfigs.ts`, `user-project.ts`) → read (`read/`: syntax tree → plain model) → check
 * (`check/`: all problems of a run, together) → emit (`emit/`: model → text) → write (`write.ts`).
 *
 * `lock/` compares what classes are with what they were: `lock.ts` is the model of `decoraft.lock.json`, `update.ts` brings it up
 * to the sources, `compare.ts` sorts changes by `rules.ts`, `type-text.ts` and `type-reader.ts` are its words for types.
 *
 * Read `generate.ts` first: it is the table of contents. Then `model.ts` and `type-model.ts`, which are all that
 * `check/` and `emit/` know; no type of the compiler passes `read/`. Then `emit/client.ts` for what comes out.
 *
 * `emit/reference.ts` writes the same model as Markdown, for people.
 *
 * It never runs a user's code, never writes while there is a problem, and gives the same bytes for the same
 * sources: no absolute paths, no times, no order that is the compiler's own.
 *
 * Choices that a user meets:
 * - Events take only parameters that are always given, so that a listener's place behind them is certain.
 * - Each source is read with the nearest `tsconfig.json` above it that includes it; one run may have several.
 * - What is generated is a module of the kind of its source: `.ts`, `.mts` or `.cts`.
 * - A type is imported by its name where it is exported, and written out in place where it is not.
 * - A parameter with a default is optional to callers; in front of one that must be given it takes `undefined`.
 * - A pattern of strings (`user-${string}`) is checked as a string, a branded primitive as its primitive.
 * - What is `unknown` or `any` is refused, but where it is marked `Unchecked`: then it passes, with a warning.
 * - `@throws {Taken}` makes a type of the client where `Taken` has a literal `code`; else it is words.
 * - The client of a class has the operations of the classes above it, too.
 * - A machine's fields are its state: one whose type says that it holds what no snapshot keeps (a function, an instance
 *   of a class, a promise, a symbol), and one that only the class can see (`#name`, `accessor name`), is a problem,
 *   unless it is marked with @derived and rebuilt in `restored()`, or the class has `snapshot()` and `restore()`. What a
 *   type does not say (`unknown`, `object`, an open type parameter) is looked at when the machine is registered.
 * - An operation is known by the hash of its first name (`was`); one that is retired is in the table and in no client. An override
 *   has both from what it overrides, unless it says them itself.
 * - A class that is gone goes from the lock as well: what a release knew of it is in the history of the repository.
 * - What differs between replicas is an error, with the way there: the clock, randomness, timers, I/O, the environment, state of
 *   modules, promises, unstable orders, approximated functions, locales, code of texts. `// decoraft-allow <code>: <reason>`
 *   allows a line. `console`, `toUpperCase`, `normalize` and default sorting are let pass, and so is what no operation reaches.
 *
 * What is not here:
 * - A comparison of what commands do: the lock has types. A command that computes something else needs a new version, and nobody
 *   can tell that from its signature.
 * - A proof that a query leaves the state alone, or that code is the same on every replica: calls are followed through the
 *   user's own functions as far as names and types say which they are (`read/purity/`). What comes through an interface, a
 *   parameter or `any`, and what packages do, is not seen. In development nodes watch the state around queries, and
 *   run commands twice.
 * - Named properties beside free keys, and elements behind a tuple's rest: an operation table has no words for
 *   them, so they are problems.
 * - Class expressions that are machines themselves: they have no name that a table could be tied to. Mixins that return
 *   one are read, as far as names, constants and calls lead to it (`read/base-class.ts`); what they do not lead to is a problem.
 * - Decorators of classes that a package brings compiled: declarations have none, so that is a problem.
 * - Names that are reachable only through an exported namespace: such types are written out in place.
 */
export { createGenerator, generate, generateReference, type Generator } from './generate.js';
export { type Comparison, compareWith } from './lock/compare-with.js';
export { LOCK_FILE_NAME } from './lock/lock.js';
export { lockPathOf } from './lock/lock-path.js';
export { type Change, RULES, type Rule, type Verdict, VERDICTS } from './lock/rules.js';
export { LockSyntaxError } from './lock/type-reader.js';
export type { Position } from './position.js';
export { type Problem, PROBLEM_CODES, type ProblemCode } from './problem.js';
export {
  DEFAULT_PATTERNS,
  type GeneratedClass,
  type GeneratedFile,
  type GenerateOptions,
  type GenerateResult,
  type ReferenceResult,
} from './result.js';
export { type StaleFile, staleFiles, writeFiles, type Written } from './write.js';
