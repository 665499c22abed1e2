import type { SourceFile } from 'ts-morph';
import type { ClassModel, NamedClass } from './model.js';
import type { GeneratedFile } from './result.js';

/** What was read from a file, and the texts that decided it. */
interface Reading {
  readonly texts: ReadonlyMap<string, string>;
  readonly classes: readonly ClassModel[];
}

/**
 * What a generator need not do again while its options stay the same: a file is read anew when its text, that of
 * a file that it leads to, or that of one that concerns all has changed. Models are plain data, so they outlive
 * the compiler's state.
 */
export class Memory {
  readonly #readings = new Map<string, Reading>();
  readonly #emitted = new WeakMap<ClassModel, readonly GeneratedFile[]>();

  /** Begins a run. */
  recall(sources: readonly SourceFile[], inputs: readonly SourceFile[]): RunMemory {
    const own = new Set(inputs);
    const closures = new Map(sources.map((source) => [source, closureOf(source, own)]));
    const reached = new Set([...closures.values()].flatMap((closure) => [...closure]));
    const shared = inputs.filter(
      (file) => !reached.has(file) || /\bdeclare (global|module)\b/.test(file.getFullText()),
    );
    return {
      classesOf: (source, read) => {
        const files = [...(closures.get(source) ?? []), ...shared];
        return this.#classesOf(
          source,
          new Map(files.map((file) => [file.getFilePath(), file.getFullText()])),
          read,
        );
      },
    };
  }

  #classesOf(
    source: SourceFile,
    texts: ReadonlyMap<string, string>,
    read: () => readonly ClassModel[],
  ): readonly ClassModel[] {
    const known = this.#readings.get(source.getFilePath());
    if (known && areEqual(known.texts, texts)) return known.classes;
    const classes = read();
    this.#readings.set(source.getFilePath(), { texts, classes });
    return classes;
  }

  /** The texts of a class, made once. */
  filesOf(
    model: NamedClass,
    emit: (model: NamedClass) => readonly GeneratedFile[],
  ): readonly GeneratedFile[] {
    const files = this.#emitted.get(model) ?? emit(model);
    this.#emitted.set(model, files);
    return files;
  }
}

/** What is remembered, as of one run. */
export interface RunMemory {
  classesOf(source: SourceFile, read: () => readonly ClassModel[]): readonly ClassModel[];
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
