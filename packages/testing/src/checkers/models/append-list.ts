import type { Model } from '../model.js';

export type AppendListInput = { readonly kind: 'append'; readonly item: string } | { readonly kind: 'read' };

/** An append gives the length after it, a read all items. */
export type AppendListOutput = number | readonly string[];

/** One list that was ever reached. Equal lists are the same object, so that comparing two costs nothing. */
interface ListState {
  readonly id: number;
  readonly length: number;
  readonly last: string;
  readonly before: ListState | undefined;
  readonly longer: Map<string, ListState>;
}

/** A list that only grows: it shows lost, repeated and reordered writes, each by its own item. */
export function appendListModel(): Model<ListState, AppendListInput, AppendListOutput> {
  let states = 0;
  const empty: ListState = { id: states++, length: 0, last: '', before: undefined, longer: new Map() };

  function append(before: ListState, item: string): ListState {
    const known = before.longer.get(item);
    if (known) return known;
    const state = { id: states++, length: before.length + 1, last: item, before, longer: new Map() };
    before.longer.set(item, state);
    return state;
  }

  return {
    name: 'append-only list',
    initial: () => empty,
    key: (state) => state.id,
    changesNothing: (input) => input.kind === 'read',
    isPast: (state, input, output) => {
      if (typeof output === 'number') return input.kind === 'append' && state.length >= output;
      return state.length > output.length || (state.length > 0 && output[state.length - 1] !== state.last);
    },
    showState: (state) => JSON.stringify(itemsOf(state)),
    step: (state, input, observed) => {
      if (input.kind === 'append') {
        const possible = observed.kind === 'unknown' || observed.output === state.length + 1;
        return possible ? { ok: true, state: append(state, input.item) } : { ok: false };
      }
      const possible = observed.kind === 'unknown' || holds(state, observed.output);
      return possible ? { ok: true, state } : { ok: false };
    },
  };
}

function itemsOf(state: ListState): readonly string[] {
  const items: string[] = [];
  for (let at: ListState | undefined = state; at?.before; at = at.before) items.push(at.last);
  return items.toReversed();
}

function holds(state: ListState, items: AppendListOutput): boolean {
  if (typeof items === 'number' || items.length !== state.length) return false;
  let at: ListState | undefined = state;
  for (let place = items.length - 1; place >= 0; place--) {
    if (at?.last !== items[place]) return false;
    at = at?.before;
  }
  return true;
}
