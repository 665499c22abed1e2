import { compareText } from '@decoraft/base';
import { dirname, resolve } from 'node:path/posix';
import { checkClasses } from './check/check.js';
import { emitReference } from './emit/reference.js';
import { findGeneratedPaths, findSources } from './find-files.js';
import { readGeneratedFiles } from './generated-files.js';
import type { CurrentClass } from './lock/lock.js';
import { currentClasses, planLock } from './lock/plan-lock.js';
import { Memory } from './memory.js';
import type { ClassModel, NamedClass } from './model.js';
import { emitClass, planFiles } from './plan.js';
import { type Finding, sortProblems } from './problem.js';
import { ClassReader } from './read/class-reader.js';
import { readSyntaxErrors } from './read/syntax-errors.js';
import {
  DEFAULT_PATTERNS,
  type GeneratedFile,
  type GenerateOptions,
  type GenerateResult,
  type ReferenceResult,
} from './result.js';
import { sortByConfiguration } from './tsconfigs.js';
import { UserProject } from './user-project.js';

/** Generates again and again, and parses only what has changed in between. */
export interface Generator {
  /** Reads what is on disk now. Writes nothing. */
  generate(): GenerateResult;
}

/** Load → read → check → emit, once. Writes nothing: that is `writeFiles`. */
export function generate(options: GenerateOptions): GenerateResult {
  return createGenerator(options).generate();
}

export function createGenerator(options: GenerateOptions): Generator {
  let last: ReadonlyMap<string, OpenProject> = new Map();
  return {
    generate() {
      const before = last;
      // Should this run fail, the next one begins anew.
      last = new Map();
      const opened = openProjects(options, before);
      const result = generateFrom([...opened.values()], options);
      // What could not be resolved may be there the next time, and the compiler would not look again.
      const isUnresolved = result.problems.some(({ code }) => code === 'type-unresolved');
      if (!isUnresolved) last = opened;
      return result;
    },
  };
}

/** A part of the user's files that has options of its own. */
interface OpenProject {
  readonly project: UserProject;
  readonly memory: Memory;
  /** The files that the patterns name, absolute, sorted. */
  readonly sources: readonly string[];
}

/** By what configures them; those that were open before with the same options go on. */
function openProjects(
  options: GenerateOptions,
  before: ReadonlyMap<string, OpenProject>,
): ReadonlyMap<string, OpenProject> {
  const configured = sortByConfiguration(findSources(options), options);
  return new Map(
    configured.map(({ key, tsconfig, sources }) => {
      const known = before.get(key);
      known?.project.refresh();
      const { project, memory } = known ?? { project: new UserProject(tsconfig), memory: new Memory() };
      return [key, { project, memory, sources }];
    }),
  );
}

/**
 * A reference of all classes, in Markdown; empty while there are problems.
 *
 * @param path Where it will stand, absolute: its links are relative to that.
 */
export function generateReference(options: GenerateOptions, path: string): ReferenceResult {
  const opened = [...openProjects(options, new Map()).values()];
  const { classes, findings } = readAll(opened, options);
  const { problems, warnings } = bySeverity(findings);
  const text = problems.length > 0 ? '' : emitReference(classes.filter(isNamed), path);
  return { problems, warnings, text };
}

function generateFrom(opened: readonly OpenProject[], options: GenerateOptions): GenerateResult {
  const { classes, directoryOf, findings, inputs, reads, sources } = readAll(opened, options);
  const { lockPath } = options;
  // What is wrong in itself is not compared with what it was.
  const isSound = sortProblems(findings).every(({ severity }) => severity === 'warning');
  const lock = isSound && lockPath !== undefined ? planLock(lockPath, classes, sources) : undefined;
  const { problems, warnings } = bySeverity([...findings, ...(lock?.findings ?? [])]);
  const found = {
    problems,
    warnings,
    classes: classes.map(({ kind, name = '', sourcePath }) => ({ kind, name, sourcePath })),
    inputs,
  };
  if (problems.length > 0) return { ...found, files: [], orphans: [] };
  const { hasLinks = true } = options;
  const files = reads.flatMap((read) =>
    read.classes
      .filter(isNamed)
      .flatMap((model) =>
        read.memory.filesOf(model, () => emitClass(model, directoryOf(model), { hasLinks })),
      ),
  );
  const directories = new Set(classes.map(directoryOf));
  const existing = readGeneratedFiles(findGeneratedPaths(options, directories));
  const planned = planFiles(files, directories, { existing, sources });
  return { ...found, ...planned, files: [...planned.files, ...(lock?.files ?? [])].toSorted(byPath) };
}

/**
 * Load → read → check, once: what the classes are now, for whoever compares them with what they were.
 *
 * @param options Of them `lockPath` says what the sources of classes are relative to.
 */
export function readCurrentClasses(options: GenerateOptions & { readonly lockPath: string }): CurrentClasses {
  const opened = [...openProjects(options, new Map()).values()];
  const { classes, findings, sources } = readAll(opened, options);
  const { problems, warnings } = bySeverity(findings);
  return {
    problems,
    warnings,
    classes: problems.length > 0 ? [] : currentClasses(options.lockPath, classes),
    sources,
  };
}

/** What was read and checked. */
export interface CurrentClasses extends Pick<GenerateResult, 'problems' | 'warnings'> {
  /** Empty when there are problems. */
  readonly classes: readonly CurrentClass[];
  /** Absolute paths of the files that were looked into. */
  readonly sources: ReadonlySet<string>;
}

interface ReadAll {
  readonly reads: readonly ReadClasses[];
  readonly classes: readonly ClassModel[];
  readonly findings: readonly Finding[];
  readonly inputs: readonly string[];
  readonly sources: ReadonlySet<string>;
  /** Where the files of a class go. */
  readonly directoryOf: (model: ClassModel) => string;
}

function readAll(opened: readonly OpenProject[], options: GenerateOptions): ReadAll {
  const reads = opened.map((project) => readClasses(project, options));
  const classes = reads.flatMap((read) => read.classes).toSorted(bySource);
  const syntaxErrors = reads.flatMap((read) => read.syntaxErrors);
  const directoryOf = ({ sourcePath }: ClassModel): string =>
    options.outDirectory === undefined
      ? `${dirname(sourcePath)}/generated`
      : resolve(options.cwd, options.outDirectory);
  const isNone = classes.length === 0 && syntaxErrors.length === 0;
  return {
    reads,
    classes,
    findings: [...syntaxErrors, ...checkClasses(classes, directoryOf), ...(isNone ? [noClass(options)] : [])],
    inputs: [...new Set(reads.flatMap((read) => read.inputs))].toSorted(compareText),
    sources: new Set(opened.flatMap((project) => project.sources)),
    directoryOf,
  };
}

function bySeverity(findings: readonly Finding[]): Pick<GenerateResult, 'problems' | 'warnings'> {
  const sorted = sortProblems(findings);
  return {
    problems: sorted.filter(({ severity }) => severity === 'error'),
    warnings: sorted.filter(({ severity }) => severity === 'warning'),
  };
}

function byPath(left: GeneratedFile, right: GeneratedFile): number {
  return compareText(left.path, right.path);
}

/** What was read from one project. */
interface ReadClasses {
  readonly classes: readonly ClassModel[];
  readonly syntaxErrors: readonly Finding[];
  readonly inputs: readonly string[];
  readonly memory: Memory;
}

/** Of a file with syntax errors nothing else is read. */
function readClasses({ project, memory, sources }: OpenProject, { cwd }: GenerateOptions): ReadClasses {
  const files = project.open(sources);
  const inputs = project.inputs();
  const reader = new ClassReader(project.project, cwd);
  const remembered = memory.recall(files, inputs);
  const classes: ClassModel[] = [];
  const syntaxErrors: Finding[] = [];
  for (const file of files) {
    const errors = readSyntaxErrors(project.project, file, cwd);
    syntaxErrors.push(...errors);
    if (errors.length === 0) classes.push(...remembered.classesOf(file, () => reader.read(file)));
  }
  return { classes, syntaxErrors, inputs: inputs.map((file) => file.getFilePath()), memory };
}

/** Those of one file stay as they stand there. */
function bySource(left: ClassModel, right: ClassModel): number {
  return compareText(left.sourcePath, right.sourcePath);
}

function isNamed(model: ClassModel): model is NamedClass {
  return model.name !== undefined;
}

function noClass({ cwd, patterns = [] }: GenerateOptions): Finding {
  const globs = patterns.length === 0 ? DEFAULT_PATTERNS : patterns;
  return {
    code: 'no-machine',
    position: undefined,
    subject: '',
    message: `no machine and no service found in ${globs.toSorted(compareText).join(', ')} below ${cwd}`,
    remedy: 'Name the files that declare one: `decoraft generate src/key-value.machine.ts`.',
  };
}
