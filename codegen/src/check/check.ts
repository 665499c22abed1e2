import type { MachineModel } from '../model.js';
import { clientFileName } from '../emit/names.js';
import { type Problem, sortProblems } from '../problem.js';
import { checkMachine } from './machine-checks.js';

/**
 * All problems of a run, together.
 *
 * @param directoryOf Where the files of a machine go.
 */
export function checkMachines(
  machines: readonly MachineModel[],
  directoryOf: (machine: MachineModel) => string,
): readonly Problem[] {
  return sortProblems([...machines.flatMap(checkMachine), ...checkFileNames(machines, directoryOf)]);
}

function checkFileNames(
  machines: readonly MachineModel[],
  directoryOf: (machine: MachineModel) => string,
): readonly Problem[] {
  const holders = new Map<string, MachineModel>();
  return machines.flatMap((machine) => {
    if (machine.name === undefined) return [];
    const path = `${directoryOf(machine)}/${clientFileName(machine.name)}`;
    const holder = holders.get(path);
    if (!holder) {
      holders.set(path, machine);
      return [];
    }
    const { file, line } = holder.position;
    return [
      {
        code: 'file-name-clash' as const,
        position: machine.position,
        subject: machine.name,
        message: `and ${holder.name ?? ''} (${file}:${line}) would both be written to ${clientFileName(machine.name)}`,
        remedy: 'Rename one of the classes, or generate them into different directories.',
      },
    ];
  });
}
