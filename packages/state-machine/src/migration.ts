import { plainMessage, withoutBindings } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { Stage } from './stages.js';
import { encodeState } from './state/encoder.js';
import { atOnce } from './state/in-pieces.js';
import {
  announceRestored,
  decodeMachine,
  decodePart,
  encodeMachine,
  installMachine,
  refusePromise,
} from './state/machine-state.js';

/**
 * Hands the state of a machine over from class to class, oldest first, each by its own `migrate`. A function of the state
 * and the code only: what fails on one replica fails on all that have the same code.
 *
 * @throws DecoraftError `InvalidArgument`, `Corrupted` or `Internal`, which names what failed. The first class is as it was;
 * the others are nobody's: they are given a whole state before they are used.
 */
export function migrateState(stages: readonly Stage[]): void {
  for (const [at, after] of stages.entries()) {
    const before = stages[at - 1];
    if (before) handOver(before, after);
  }
}

/** Makes a machine what it was when it was registered; of one that is not used any more, nothing is kept. */
export function resetState(stage: Stage): void {
  if (!(stage.initial instanceof Uint8Array)) return;
  try {
    refusePromise(stage.name, 'restore', installMachine(stage, atOnce(decodeMachine(stage, stage.initial))));
  } catch {
    // Its own code failed, and nobody asks it again.
  }
}

function handOver(before: Stage, after: Stage): void {
  const bytes = encodeMachine(before);
  // Refused when it was registered: see `inspectStages`.
  if (bytes instanceof Promise) throw new DecoraftError('Internal', `${before.name}.snapshot() waits`);
  const taken = after.instance.migrate ? migrated(before, after, bytes) : bytes;
  const whole = after.instance.restore ? taken : withInitialFields(after, taken);
  refusePromise(after.name, 'restore', installMachine(after, atOnce(decodeMachine(after, whole))));
  announceRestored(after);
}

function migrated(before: Stage, after: Stage, bytes: Uint8Array): Uint8Array {
  const where = `${after.name}.migrate()`;
  const part = atOnce(decodePart(bytes, `machine ${before.name}`));
  const state = part.kind === 'stream' ? part.chunks : part.state;
  let given: unknown;
  try {
    given = withoutBindings(where, () => after.instance.migrate?.(before.version, state));
  } catch (cause) {
    const words = `${where} from version ${before.version} threw: ${plainMessage(cause)}`;
    throw new DecoraftError('Internal', words, { cause });
  }
  refusePromise(after.name, 'migrate', given);
  return encodeState(given, where);
}

/** A field that was not named has what the constructor gave it. What is no plain object is refused where it is read. */
function withInitialFields(after: Stage, taken: Uint8Array): Uint8Array {
  const fields = stateOf(after, taken);
  const initial = after.initial instanceof Uint8Array ? stateOf(after, after.initial) : {};
  if (typeof fields !== 'object' || fields === null || Object.getPrototypeOf(fields) !== Object.prototype)
    return taken;
  return encodeState({ ...(initial as object), ...fields }, `${after.name}.migrate()`);
}

function stateOf({ name }: Stage, bytes: Uint8Array): unknown {
  const part = atOnce(decodePart(bytes, `machine ${name}`));
  return part.kind === 'state' ? part.state : undefined;
}
