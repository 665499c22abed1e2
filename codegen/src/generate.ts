import { dirname, resolve } from 'node:path/posix';
import { readFileSync } from 'node:fs';
import type { Project } from 'ts-morph';
import { checkMachines } from './check/check.js';
import { readGeneratedFiles } from './generated-files.js';
import { findGeneratedPaths, findSources, inputsOf, openProject, refresh, tsconfigOf } from './load.js';
import type { MachineModel } from './model.js';
import { type NamedMachine, planFiles } from './plan.js';
import { compareText, type Problem, sortProblems } from './problem.js';
import { MachineReader } from './read/machine-reader.js';
import { readSyntaxErrors } from './read/syntax-errors.js';
import { DEFAULT_PATTERNS, type GenerateOptions, type GenerateResult } from './result.js';

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
  let open: OpenProject | undefined;
  return {
    generate() {
      const configuration = readConfiguration(options);
      // What could not be resolved may be there now, and the compiler would not look again.
      const last = open?.configuration === configuration && !open.isUnresolved ? open : undefined;
      // Should this run fail, the next one begins anew.
      open = undefined;
      if (last) refresh(last.project);
      const project = last?.project ?? openProject(options);
      const result = generateFrom(project, options);
      const isUnresolved = result.problems.some(({ code }) => code === 'type-unresolved');
      open = { project, configuration, isUnresolved };
      return result;
    },
  };
}

interface OpenProject {
  readonly project: Project;
  /** The text of its `tsconfig.json`. */
  readonly configuration: string;
  readonly isUnresolved: boolean;
}

function readConfiguration(options: GenerateOptions): string {
  const path = tsconfigOf(options);
  return path === undefined ? '' : readFileSync(path, 'utf8');
}

function generateFrom(project: Project, options: GenerateOptions): GenerateResult {
  const sources = findSources(project, options);
  const reader = new MachineReader(project, options.cwd);
  const syntaxErrors = new Map(
    sources.map((source) => [source, readSyntaxErrors(project, source, options.cwd)]),
  );
  const readable = sources.filter((source) => syntaxErrors.get(source)?.length === 0);
  const machines = readable.flatMap((source) => reader.read(source));
  const directoryOf = ({ sourcePath }: MachineModel): string =>
    options.outDirectory === undefined
      ? `${dirname(sourcePath)}/generated`
      : resolve(options.cwd, options.outDirectory);
  const problems = sortProblems([
    ...[...syntaxErrors.values()].flat(),
    ...checkMachines(machines, directoryOf),
    ...(machines.length === 0 && readable.length === sources.length ? [noMachine(options)] : []),
  ]);
  const found = {
    problems,
    machines: machines.map(({ name = '', sourcePath }) => ({ name, sourcePath })),
    inputs: inputsOf(project),
  };
  if (problems.length > 0) return { ...found, files: [], orphans: [] };
  const elsewhere = machines
    .map(directoryOf)
    .filter((directory) => !`${directory}/`.startsWith(`${options.cwd}/`));
  const existing = readGeneratedFiles(findGeneratedPaths(project, [options.cwd, ...new Set(elsewhere)]));
  const disk = { existing, sources: new Set(sources.map((source): string => source.getFilePath())) };
  return { ...found, ...planFiles(machines.filter(isNamed), directoryOf, disk) };
}

function isNamed(machine: MachineModel): machine is NamedMachine {
  return machine.name !== undefined;
}

function noMachine({ cwd, patterns = [] }: GenerateOptions): Problem {
  const globs = patterns.length === 0 ? DEFAULT_PATTERNS : patterns;
  return {
    code: 'no-machine',
    position: undefined,
    subject: '',
    message: `no machine found in ${globs.toSorted(compareText).join(', ')} below ${cwd}`,
    remedy: 'Name the files that declare one: `decoraft generate src/key-value.machine.ts`.',
  };
}
