import { unreachable } from '@decoraft/base';
import { type Model, sequentialModel } from '@decoraft/testing';
import type { Entry } from '../processes/journal.machine.js';
import type { CommandCall, ReadCall } from '../processes/calls.js';

/** What a call of one key shows. */
export interface Shown extends Entry {
  /** Whether it changed the key. */
  readonly isDone: boolean;
}

/** A journal of one copy. Keys know nothing of each other, so that each is checked alone. */
export function journalModel(): Model<Entry, CommandCall | ReadCall, Shown> {
  return sequentialModel<Entry, CommandCall | ReadCall, Shown>({
    name: 'journal',
    initial: () => ({ version: 0, sum: 0, text: '' }),
    apply: (state, call) => {
      const { sum, text, version } = state;
      const changed = (entry: Omit<Entry, 'version'>): { state: Entry; output: Shown } => {
        const after = { ...entry, version: version + 1 };
        return { state: after, output: { ...after, isDone: true } };
      };
      switch (call.kind) {
        case 'increment':
          return changed({ text, sum: sum + call.amount });
        case 'set':
          return changed({ text: call.text, sum });
        case 'compare-and-set':
          if (text === call.expected) return changed({ text: call.text, sum });
          return { state, output: { ...state, isDone: false } };
        case 'read':
          return { state, output: { ...state, isDone: false } };
        default:
          return unreachable(call);
      }
    },
    key: ({ sum, text, version }) => `${version} ${sum} ${text}`,
    sameOutput: (left, right) =>
      left.isDone === right.isDone &&
      left.version === right.version &&
      left.sum === right.sum &&
      left.text === right.text,
    changesNothing: (_call, { isDone }) => !isDone,
    // Versions only grow: what gave one of them came before all that follow.
    isPast: (state, _call, { isDone, version }) => state.version > (isDone ? version - 1 : version),
    partOf: ({ key }) => key,
  });
}
