import { compareText } from '@decoraft/base';
import { dirname, resolve } from 'node:path/posix';
import { readFileSync } from 'node:fs';
import type { SourceFile } from 'ts-morph';
import { checkClasses } from './check/check.js';
import { readGeneratedFiles } from './generated-files.js';
import { Memory } from './memory.js';
import type { ClassModel, NamedClass } from './model.js';
import { emitClass, planFiles } from './plan.js';
import { type Finding, sortProblems } from './problem.js';
import { ClassReader } from './read/class-reader.js';
import { readSyntaxErrors } from './read/syntax-errors.js';
import { DEFAULT_PATTERNS, type GenerateOptions, type GenerateResult } from './result.js';
import { tsconfigOf, UserProject } from './user-project.js';

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
  let last: OpenProject | undefined;
  return {
    generate() {
      const configuration = readConfiguration(options);
      // What could not be resolved may be there now, and the compiler would not look again.
      const open = last?.configuration === configuration && !last.isUnresolved ? last : undefined;
      // Should this run fail, the next one begins anew.
      last = undefined;
      open?.project.refresh();
      const { project, memory } = open ?? { project: new UserProject(options), memory: new Memory() };
      const result = generateFrom(project, memory, options);
      const isUnresolved = result.problems.some(({ code }) => code === 'type-unresolved');
      last = { project, memory, configuration, isUnresolved };
      return result;
    },
  };
}

interface OpenProject {
  readonly project: UserProject;
  readonly memory: Memory;
  /** The text of its `tsconfig.json`. */
  readonly configuration: string;
  readonly isUnresolved: boolean;
}

function readConfiguration(options: GenerateOptions): string {
  const path = tsconfigOf(options);
  return path === undefined ? '' : readFileSync(path, 'utf8');
}

function generateFrom(project: UserProject, memory: Memory, options: GenerateOptions): GenerateResult {
  const sources = project.findSources();
  const inputs = project.inputs();
  const { classes, syntaxErrors } = readClasses(project, { sources, inputs }, memory, options);
  const directoryOf = ({ sourcePath }: ClassModel): string =>
    options.outDirectory === undefined
      ? `${dirname(sourcePath)}/generated`
      : resolve(options.cwd, options.outDirectory);
  const isNone = classes.length === 0 && syntaxErrors.length === 0;
  const findings = sortProblems([
    ...syntaxErrors,
    ...checkClasses(classes, directoryOf),
    ...(isNone ? [noClass(options)] : []),
  ]);
  const problems = findings.filter(({ severity }) => severity === 'error');
  const found = {
    problems,
    warnings: findings.filter(({ severity }) => severity === 'warning'),
    classes: classes.map(({ kind, name = '', sourcePath }) => ({ kind, name, sourcePath })),
    inputs: inputs.map((file) => file.getFilePath()),
  };
  if (problems.length > 0) return { ...found, files: [], orphans: [] };
  const files = classes
    .filter(isNamed)
    .flatMap((model) => memory.filesOf(model, () => emitClass(model, directoryOf(model))));
  const directories = new Set(classes.map(directoryOf));
  const existing = readGeneratedFiles(project.findGeneratedPaths(directories));
  const disk = { existing, sources: new Set(sources.map((source): string => source.getFilePath())) };
  return { ...found, ...planFiles(files, directories, disk) };
}

interface ReadClasses {
  readonly classes: readonly ClassModel[];
  readonly syntaxErrors: readonly Finding[];
}

/** Of a file with syntax errors nothing else is read. */
function readClasses(
  project: UserProject,
  { sources, inputs }: { readonly sources: readonly SourceFile[]; readonly inputs: readonly SourceFile[] },
  memory: Memory,
  { cwd }: GenerateOptions,
): ReadClasses {
  const reader = new ClassReader(project.project, cwd);
  const remembered = memory.recall(sources, inputs);
  const classes: ClassModel[] = [];
  const syntaxErrors: Finding[] = [];
  for (const source of sources) {
    const errors = readSyntaxErrors(project.project, source, cwd);
    syntaxErrors.push(...errors);
    if (errors.length === 0) classes.push(...remembered.classesOf(source, () => reader.read(source)));
  }
  return { classes, syntaxErrors };
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
