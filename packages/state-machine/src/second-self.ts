import { event, isEvent } from './event.js';
import { StateMachine } from './machine.js';
import { isPrivateToItsClass, sourcesOf } from './private-fields.js';
import type { RegisteredMachine } from './registration.js';
import { atOnce } from './state/in-pieces.js';
import {
  announceRestored,
  decodeMachine,
  installMachine,
  refusePromise,
  restoresLater,
} from './state/machine-state.js';

/**
 * Another machine of the same class, to be made what the first one was: as a replica that is restored from a snapshot.
 *
 * A class whose constructor takes nothing is made by it, once. Of others, only what `StateMachine` itself makes is there,
 * and what the state says, so that one that keeps more than this has no second self: derived fields that only the
 * constructor can make, and names with `#`.
 */
export class SecondSelf {
  readonly machine: RegisteredMachine;
  readonly #isConstructed: boolean;

  /** @throws unknown What the user's constructor throws. */
  private constructor(first: RegisteredMachine, instance: StateMachine, isConstructed: boolean) {
    this.machine = { ...first, instance };
    this.#isConstructed = isConstructed;
  }

  /** `undefined` for a machine that cannot have one. */
  static of(first: RegisteredMachine): SecondSelf | undefined {
    if (restoresLater(first)) return undefined;
    const { instance } = first;
    const type = instance.constructor as new () => StateMachine;
    if (type.prototype !== Object.getPrototypeOf(instance)) return undefined;
    if ([...sourcesOf(instance)].every(takesNothing)) {
      const second = new type();
      const isAlike = Object.getPrototypeOf(second) === type.prototype && second !== instance;
      return isAlike ? new SecondSelf(first, second, true) : undefined;
    }
    if (isPrivateToItsClass(instance)) return undefined;
    const bare = Reflect.construct(StateMachine, [], type) as StateMachine;
    for (const [name, value] of Object.entries(instance)) {
      if (isEvent(value)) Object.assign(bare, { [name]: event() });
    }
    return new SecondSelf(first, bare, false);
  }

  /**
   * Makes it what the first was when `state` was written.
   *
   * @returns Whether it is all there.
   * @throws DecoraftError as restoring a machine does.
   */
  become(first: RegisteredMachine, state: Uint8Array): boolean {
    const { machine } = this;
    refusePromise(machine.name, 'restore', installMachine(machine, atOnce(decodeMachine(machine, state))));
    announceRestored(machine);
    if (this.#isConstructed) return true;
    const [ours, theirs] = [machine, first].map(({ instance }) => Object.getOwnPropertyNames(instance));
    return ours?.toSorted().join() === theirs?.toSorted().join();
  }
}

/** By the text of a class: it has no constructor, or one without parameters, or hands on what it gets. */
function takesNothing(text: string): boolean {
  const parameters = /\bconstructor\s*\(\s*([^)]*)\)/.exec(text)?.[1] ?? '';
  return parameters === '' || parameters.startsWith('...');
}
