import { DecoraftError } from '@decoraft/protocol';
import type { StateMachine } from './machine.js';
import { inspectMachine, type RegisteredMachine } from './registration.js';
import { restoresLater } from './state/machine-state.js';
import { versionsOf } from './versions.js';

/** One class of a machine: it serves the versions from `oldest` to `version`. */
export interface Stage extends RegisteredMachine {
  readonly oldest: number;
}

/** So many classes of one machine are more than anybody keeps: `previous()` goes round in a circle. */
const STAGES_LIMIT = 1_000;

/**
 * The classes of a machine, from the oldest that it can still be to the one that was given: each gives the one before
 * itself, see `StateMachine.previous`.
 *
 * @throws DecoraftError `InvalidArgument` when one of them is not sound, or they do not follow each other.
 */
export function inspectStages(name: string, newest: StateMachine): readonly [Stage, ...Stage[]] {
  const instances = [newest];
  for (let at = newest; at.previous;) {
    at = previousOf(at);
    instances.unshift(at);
    if (instances.length > STAGES_LIMIT) throw mistake(newest, 'previous() has no end');
  }
  const stages = instances.map((instance, at): Stage => {
    const machine = inspectMachine(name, instance);
    const before = instances[at - 1];
    const oldest = before ? versionsOf(before).version + 1 : versionsOf(instance).oldest;
    return { ...machine, oldest };
  });
  if (stages.length > 1) for (const stage of stages) checkStage(stage, stage.instance === newest);
  return stages as [Stage, ...Stage[]];
}

function previousOf(instance: StateMachine): StateMachine {
  const previous: unknown = instance.previous?.();
  if (typeof previous !== 'object' || previous === null || !('constructor' in previous)) {
    throw mistake(
      instance,
      'previous() gives no machine: write `return new` and the class of the version before',
    );
  }
  const before = versionsOf(previous as StateMachine).version;
  const { version } = versionsOf(instance);
  if (before < version) return previous as StateMachine;
  throw mistake(instance, `previous() has version ${before}, which is not before ${version}`);
}

/** A state is handed over within one entry of the log: nothing of that may wait. */
function checkStage(stage: Stage, isNewest: boolean): void {
  const { initial, instance } = stage;
  if (initial instanceof Promise && !isNewest) {
    throw mistake(instance, 'snapshot() waits: the machine cannot hand its state over to a later version');
  }
  if (restoresLater(stage)) {
    throw mistake(instance, 'restore() waits: the machine cannot take the state of an earlier version over');
  }
}

/** The class that serves a version; `undefined` where none does any more, or yet. */
export function stageFor<Item extends Stage>(stages: readonly Item[], version: number): Item | undefined {
  return stages.find((stage) => stage.oldest <= version && version <= stage.version);
}

function mistake({ constructor }: StateMachine, what: string): DecoraftError {
  return new DecoraftError('InvalidArgument', `${constructor.name}.${what}`);
}
