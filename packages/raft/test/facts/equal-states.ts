import { configurationWords } from '../support/configuration-words.js';
import type { MachineState } from '../support/machine.js';
import { type Fact, must } from './fact.js';

/** At equal applied index all state machines are equal, whether they applied or were restored from a snapshot. */
export function equalStates(): Fact {
  const known = new Map<number, MachineState>();
  return {
    stepped: ({ id, machine }) => {
      const { state } = machine;
      const before = known.get(state.index) ?? state;
      must(isSame(before, state), `the machine of ${id} at ${state.index} is that of all others`);
      known.set(state.index, before);
    },
  };
}

function isSame(left: MachineState, right: MachineState): boolean {
  return (
    left === right ||
    (left.term === right.term &&
      left.hash === right.hash &&
      configurationWords(left.configuration) === configurationWords(right.configuration))
  );
}
