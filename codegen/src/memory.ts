import type { SourceFile } from 'ts-morph';
import type { MachineModel, NamedMachine } from './model.js';
import type { GeneratedFile } from './result.js';

/** What was read from a file, and the texts that decided it. */
interface Reading {
  readonly texts: ReadonlyMap<string, string>;
  readonly machines: readonly MachineModel[];
}

/**
 * What a generator need not do again while its options stay the same: a file is read anew when its text, that of
 * a file that it leads to, or that of one that concerns all has changed. Models are plain data, so they outlive
 * the compiler's state.
 */
export class Memory {
  readonly #readings = new Map<string, Reading>();
  readonly #emitted = new WeakMap<MachineModel, readonly GeneratedFile[]>();

  /** Begins a run. */
  recall(sources: readonly SourceFile[], inputs: readonly SourceFile[]): RunMemory {
    const own = new Set(inputs);
    const closures = new Map(sources.map((source) => [source, closureOf(source, own)]));
    const reached = new Set([...closures.values()].flatMap((closure) => [...closure]));
    const shared = inputs.filter(
      (file) => !reached.has(file) || /\bdeclare (global|module)\b/.test(file.getFullText()),
    );
    return {
      machinesOf: (source, read) => {
        const files = [...(closures.get(source) ?? []), ...shared];
        return this.#machinesOf(
          source,
          new Map(files.map((file) => [file.getFilePath(), file.getFullText()])),
          read,
        );
      },
    };
  }

  #machinesOf(
    source: SourceFile,
    texts: ReadonlyMap<string, string>,
    read: () => readonly MachineModel[],
  ): readonly MachineModel[] {
    const known = this.#readings.get(source.getFilePath());
    if (known && areEqual(known.texts, texts)) return known.machines;
    const machines = read();
    this.#readings.set(source.getFilePath(), { texts, machines });
    return machines;
  }

  /** The texts of a machine, made once. */
  filesOf(
    machine: NamedMachine,
    emit: (machine: NamedMachine) => readonly GeneratedFile[],
  ): readonly GeneratedFile[] {
    const files = this.#emitted.get(machine) ?? emit(machine);
    this.#emitted.set(machine, files);
    return files;
  }
}

/** What is remembered, as of one run. */
export interface RunMemory {
  machinesOf(source: SourceFile, read: () => readonly MachineModel[]): readonly MachineModel[];
}

/** A file and those of `own` that its imports lead to; libraries do not change under us. */
function closureOf(source: SourceFile, own: ReadonlySet<SourceFile>): ReadonlySet<SourceFile> {
  const found = new Set<SourceFile>([source]);
  for (const file of found) {
    for (const next of file.getReferencedSourceFiles()) if (own.has(next)) found.add(next);
  }
  return found;
}

function areEqual(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([path, text]) => right.get(path) === text);
}
