import { compareText } from '@decoraft/base';
import { Project, type ProjectOptions, type SourceFile, ts } from 'ts-morph';

/** Only with these does the compiler tell `undefined` apart, and only declarations are read. */
const READING: ts.CompilerOptions = { strictNullChecks: true, skipLibCheck: true, noEmit: true };

/** What is assumed of a project that has no `tsconfig.json`. */
const WITHOUT_CONFIGURATION: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  experimentalDecorators: true,
  types: [],
};

/** The compiler, opened on files of a user's that have one configuration. Files are read when they are asked for. */
export class UserProject {
  readonly project: Project;
  /** What was found through `node_modules` once; the compiler forgets it when it goes on from an earlier state. */
  readonly #libraries = new Set<string>();

  /** @param tsconfig Absolute; to miss it is an error. */
  constructor(tsconfig: string | undefined) {
    const shared: ProjectOptions = { skipAddingFilesFromTsConfig: true };
    this.project =
      tsconfig === undefined
        ? new Project({ ...shared, compilerOptions: { ...WITHOUT_CONFIGURATION, ...READING } })
        : new Project({ ...shared, tsConfigFilePath: tsconfig, compilerOptions: READING });
  }

  /** Adds files, those that are there already as well. */
  open(paths: readonly string[]): readonly SourceFile[] {
    return paths.map((path) => this.project.addSourceFileAtPath(path));
  }

  /** The user's files that take part, libraries excluded, sorted. */
  inputs(): readonly SourceFile[] {
    const program = this.project.getProgram().compilerObject;
    for (const file of program.getSourceFiles()) {
      const isLibrary =
        program.isSourceFileDefaultLibrary(file) || program.isSourceFileFromExternalLibrary(file);
      if (isLibrary) this.#libraries.add(file.fileName);
    }
    return program
      .getSourceFiles()
      .map((file) => file.fileName)
      .filter((path) => !this.#libraries.has(path))
      .toSorted(compareText)
      .flatMap((path) => this.project.getSourceFile(path) ?? []);
  }

  /** Brings the project up to what is on disk now. Only what changed is parsed again. */
  refresh(): void {
    for (const file of this.inputs()) file.refreshFromFileSystemSync();
  }
}
