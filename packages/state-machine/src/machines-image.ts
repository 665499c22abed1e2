import { DecoraftError, type MachineId } from '@decoraft/protocol';
import { type AgreedTable, toAgreedTable } from './agreement.js';
import type { HostedMachine, HostedStage } from './hosted-machine.js';
import { runnableStage } from './runnable.js';
import type { ReplicaImage } from './state/image.js';
import type { InPieces } from './state/in-pieces.js';
import { decodeMachine, decodePart, type DecodedPart, restoresLater } from './state/machine-state.js';

/** What an image says of machines: all was decoded, nothing is installed yet. */
export interface DecodedMachines {
  readonly tables: readonly AgreedTable[];
  readonly states: readonly DecodedState[];
  /** Of machines that are not registered here. */
  readonly waiting: ReadonlyMap<MachineId, Uint8Array>;
}

interface DecodedState {
  readonly machine: HostedMachine;
  /** Which of its classes the state is of. */
  readonly stage: HostedStage;
  readonly part: DecodedPart;
}

type Machines = ReadonlyMap<MachineId, HostedMachine>;

/**
 * Reads the parts of an image for the machines that are registered; one without a part is as it was registered.
 *
 * @throws DecoraftError `SchemaMismatch` when one of them is at a version that this build cannot run; `Corrupted` that
 * names the machine; `Unimplemented` when there is no part for a machine whose `snapshot()` waits.
 */
export function* decodeMachines(machines: Machines, image: ReplicaImage): InPieces<DecodedMachines> {
  const { parts, time } = image;
  const tables = (image.agreed ?? []).map(toAgreedTable);
  // Before anything of it is read.
  for (const table of tables) runnableStage(machines.get(table.agreed.machine)?.stages, table);
  const byMachine = new Map(parts.map(({ machine, state }) => [machine, state]));
  const states: DecodedState[] = [];
  for (const machine of machines.values()) {
    const table = tables.find(({ agreed }) => agreed.machine === machine.id);
    // In a group that agrees, one that nobody has agreed on has no state yet.
    if (!table && tables.length > 0) continue;
    const given = byMachine.get(machine.id);
    // Where no command has ever come, a state is that of whosever constructor.
    const bytes = table || time > 0 || machine.active.oldest === 1 ? given : undefined;
    const stage = (table ?? bytes) ? machine.stageOf(table) : machine.active;
    states.push({ machine, stage, part: yield* decodeMachine(stage, bytes ?? initialOf(stage)) });
  }
  const unknown = parts.filter(({ machine }) => !machines.has(machine));
  // What cannot be read is found now, and not when its machine is registered.
  for (const { machine, state } of unknown) yield* decodePart(state, `the machine with id ${machine}`);
  return { tables, states, waiting: new Map(unknown.map(({ machine, state }) => [machine, state.slice()])) };
}

/** @throws DecoraftError `Unimplemented` when the machine restores itself in its own time. */
export function refuseToWait(stage: HostedStage): void {
  if (!restoresLater(stage)) return;
  const words = `${stage.name}.restore() waits: a replica with it is restored from a stream, by restoreFrom()`;
  throw new DecoraftError('Unimplemented', words);
}

function initialOf({ initial, name }: HostedStage): Uint8Array {
  if (initial instanceof Uint8Array) return initial;
  const words = `${name}.snapshot() waits, and the image has nothing for it: use restoreFrom()`;
  throw new DecoraftError('Unimplemented', words);
}
