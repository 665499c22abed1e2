import { dirname, resolve } from 'node:path/posix';
import { readFileSync } from 'node:fs';
import type { SourceFile } from 'ts-morph';
import { checkMachines } from './check/check.js';
import { readGeneratedFiles } from './generated-files.js';
import { Memory } from './memory.js';
import type { MachineModel, NamedMachine } from './model.js';
import { emitMachine, planFiles } from './plan.js';
import { compareText, type Problem, sortProblems } from './problem.js';
import { MachineReader } from './read/machine-reader.js';
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
  const { machines, syntaxErrors } = readMachines(project, { sources, inputs }, memory, options);
  const directoryOf = ({ sourcePath }: MachineModel): string =>
    options.outDirectory === undefined
      ? `${dirname(sourcePath)}/generated`
      : resolve(options.cwd, options.outDirectory);
  const isNone = machines.length === 0 && syntaxErrors.length === 0;
  const problems = sortProblems([
    ...syntaxErrors,
    ...checkMachines(machines, directoryOf),
    ...(isNone ? [noMachine(options)] : []),
  ]);
  const found = {
    problems,
    machines: machines.map(({ name = '', sourcePath }) => ({ name, sourcePath })),
    inputs: inputs.map((file) => file.getFilePath()),
  };
  if (problems.length > 0) return { ...found, files: [], orphans: [] };
  const files = machines
    .filter(isNamed)
    .flatMap((machine) => memory.filesOf(machine, () => emitMachine(machine, directoryOf(machine))));
  const directories = new Set(machines.map(directoryOf));
  const existing = readGeneratedFiles(project.findGeneratedPaths(directories));
  const disk = { existing, sources: new Set(sources.map((source): string => source.getFilePath())) };
  return { ...found, ...planFiles(files, directories, disk) };
}

interface ReadMachines {
  readonly machines: readonly MachineModel[];
  readonly syntaxErrors: readonly Problem[];
}

/** Of a file with syntax errors nothing else is read. */
function readMachines(
  project: UserProject,
  { sources, inputs }: { readonly sources: readonly SourceFile[]; readonly inputs: readonly SourceFile[] },
  memory: Memory,
  { cwd }: GenerateOptions,
): ReadMachines {
  const reader = new MachineReader(project.project, cwd);
  const remembered = memory.recall(sources, inputs);
  const machines: MachineModel[] = [];
  const syntaxErrors: Problem[] = [];
  for (const source of sources) {
    const errors = readSyntaxErrors(project.project, source, cwd);
    syntaxErrors.push(...errors);
    if (errors.length === 0) machines.push(...remembered.machinesOf(source, () => reader.read(source)));
  }
  return { machines, syntaxErrors };
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
