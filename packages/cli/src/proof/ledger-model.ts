import { unreachable } from '@decoraft/base';
import { type Model, sequentialModel } from '@decoraft/testing';

/** What a client asks of the ledger. */
export type LedgerCall =
  | { readonly kind: 'set'; readonly command: string; readonly key: string; readonly text: string }
  | {
      readonly kind: 'compare-and-set';
      readonly command: string;
      readonly key: string;
      readonly expected: string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'text'; readonly key: string }
  | { readonly kind: 'add'; readonly command: string; readonly counter: string; readonly amount: number }
  | { readonly kind: 'count'; readonly counter: string };

/** Of one key or one counter: absent, a text, or a sum. */
type Value = string | number | undefined;
export type LedgerAnswer = Value | boolean;

/** A ledger of one copy. Keys and counters know nothing of each other, so that each is checked alone. */
export function ledgerModel(): Model<Value, LedgerCall, LedgerAnswer> {
  return sequentialModel<Value, LedgerCall, LedgerAnswer>({
    name: 'ledger',
    initial: () => undefined,
    apply: (state, call) => {
      switch (call.kind) {
        case 'set':
          return { state: call.text, output: state };
        case 'compare-and-set':
          return state === call.expected ? { state: call.text, output: true } : { state, output: false };
        case 'text':
          return { state, output: state };
        case 'add': {
          const sum = sumOf(state) + call.amount;
          return { state: sum, output: sum };
        }
        case 'count':
          return { state, output: sumOf(state) };
        default:
          return unreachable(call);
      }
    },
    key: (state) => (state === undefined ? 'nothing' : `=${state}`),
    changesNothing: ({ kind }, output) =>
      kind === 'text' || kind === 'count' || (kind === 'compare-and-set' && output === false),
    // Amounts are positive: a counter never comes back to what it was.
    isPast: (state, call, output) => {
      if (call.kind === 'count') return sumOf(state) > Number(output);
      return call.kind === 'add' && sumOf(state) + call.amount > Number(output);
    },
    partOf: (call) =>
      call.kind === 'add' || call.kind === 'count' ? `counter ${call.counter}` : `key ${call.key}`,
  });
}

function sumOf(state: Value): number {
  return typeof state === 'number' ? state : 0;
}
