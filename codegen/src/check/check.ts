import { basename } from 'node:path/posix';
import type { ClassModel } from '../model.js';
import { clientFileName } from '../emit/names.js';
import type { Finding } from '../problem.js';
import { applyAllowances } from './allowances.js';
import { checkClass } from './class-checks.js';

/**
 * All that there is to say about the classes of a run, in no order.
 *
 * @param directoryOf Where the files of a class go.
 */
export function checkClasses(
  classes: readonly ClassModel[],
  directoryOf: (model: ClassModel) => string,
): readonly Finding[] {
  return [
    ...applyAllowances(classes.flatMap(checkClass), classes),
    ...checkFileNames(classes, directoryOf),
    ...checkOlderClasses(classes),
  ];
}

/** A class that `previous()` gives needs a table as any other, or the node does not start. */
function checkOlderClasses(classes: readonly ClassModel[]): readonly Finding[] {
  const read = new Set(classes.map(({ sourcePath }) => sourcePath));
  return classes.flatMap((model): readonly Finding[] => {
    const previous = model.kind === 'machine' ? model.version.previous : undefined;
    const { name = '', sourcePath } = previous?.machine ?? {};
    if (!previous || sourcePath === undefined || read.has(sourcePath)) return [];
    const fileName = basename(sourcePath);
    return [
      {
        code: 'previous-not-read',
        position: previous.position,
        subject: `${model.name ?? ''}.previous`,
        message: `gives ${name} of ${fileName}, which is not among the files that are read here, so it gets no table`,
        remedy: `Name the file so that it is read: \`${fileName.replace(/\.([cm]?ts)$/, '.machine.$1')}\`; or generate for it in a run of its own.`,
      },
    ];
  });
}

function checkFileNames(
  classes: readonly ClassModel[],
  directoryOf: (model: ClassModel) => string,
): readonly Finding[] {
  const holders = new Map<string, ClassModel>();
  return classes.flatMap((model) => {
    if (model.name === undefined) return [];
    const fileName = clientFileName({ ...model, name: model.name });
    const path = `${directoryOf(model)}/${fileName}`;
    const holder = holders.get(path);
    if (!holder) {
      holders.set(path, model);
      return [];
    }
    const { file, line } = holder.position;
    return [
      {
        code: 'file-name-clash' as const,
        position: model.position,
        subject: model.name,
        message: `and ${holder.name ?? ''} (${file}:${line}) would both be written to ${fileName}`,
        remedy: 'Rename one of the classes, or generate them into different directories.',
      },
    ];
  });
}
