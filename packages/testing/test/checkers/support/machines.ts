import type { Random } from '@decoraft/base';
import type {
  AppendListInput,
  AppendListOutput,
  CounterInput,
  KeyValueInput,
  KeyValueOutput,
  Model,
  Operation,
  RegisterInput,
  RegisterOutput,
} from '../../../src/index.js';
import { appendListModel, counterModel, keyValueModel, registerModel } from '../../../src/index.js';
import { executeSerially } from './serial-execution.js';

function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

export interface RandomHistory {
  readonly random: Random;
  readonly clients: number;
  readonly operations: number;
  readonly unknown: number;
}

/** A model with real machines beside it: written apart from the model, so that one checks the other. */
export interface Subject<State, Input, Output> {
  readonly model: Model<State, Input, Output>;
  history(options: RandomHistory): readonly Operation<Input, Output>[];
  /** Another result of the same type. */
  corrupt(random: Random, output: Output): Output;
}

export const register: Subject<number, RegisterInput, RegisterOutput> = {
  model: registerModel(),
  history: (options) =>
    executeSerially<number, RegisterInput, RegisterOutput>({
      ...options,
      machine: {
        initial: () => 0,
        apply: (state, input) => {
          if (input.kind === 'read') return { state, output: state };
          if (input.kind === 'write') return { state: input.value, output: null };
          const output = state === input.expected;
          return { state: output ? input.value : state, output };
        },
      },
      input: (random) => {
        const value = Math.floor(random() * 4);
        const expected = Math.floor(random() * 4);
        return pick<RegisterInput>(random, [
          { kind: 'read' },
          { kind: 'write', value },
          { kind: 'compare-and-set', expected, value },
        ]);
      },
    }),
  corrupt: (random, output) => {
    if (typeof output === 'boolean') return !output;
    return output === null ? output : (output + 1 + Math.floor(random() * 3)) % 4;
  },
};

export const counter: Subject<number, CounterInput, number> = {
  model: counterModel(),
  history: (options) =>
    executeSerially<number, CounterInput, number>({
      ...options,
      machine: {
        initial: () => 0,
        apply: (state, input) => {
          const sum = state + (input.kind === 'read' ? 0 : input.by);
          return { state: sum, output: sum };
        },
      },
      input: (random) =>
        pick<CounterInput>(random, [{ kind: 'read' }, { kind: 'increment', by: pick(random, [1, 1, 2]) }]),
    }),
  corrupt: (random, output) => output + pick(random, [-1, 1]),
};

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

export const keyValue: Subject<string | null, KeyValueInput, KeyValueOutput> = {
  model: keyValueModel(),
  history: (options) =>
    executeSerially<ReadonlyMap<string, string>, KeyValueInput, KeyValueOutput>({
      ...options,
      machine: {
        initial: () => new Map(),
        apply: (state, input) => {
          const next = new Map(state);
          if (input.kind === 'set') next.set(input.key, input.value);
          if (input.kind === 'delete') next.delete(input.key);
          return { state: next, output: state.get(input.key) ?? null };
        },
      },
      input: (random) => {
        const key = pick(random, KEYS.slice(0, options.operations > 20 ? 8 : 2));
        const value = `${Math.floor(random() * 4)}`;
        return pick<KeyValueInput>(random, [
          { kind: 'get', key },
          { kind: 'set', key, value },
          { kind: 'delete', key },
        ]);
      },
    }),
  corrupt: (random, output) =>
    pick(
      random,
      [null, '0', '1', '2', '3'].filter((value) => value !== output),
    ),
};

export const appendList: Subject<
  ReturnType<ReturnType<typeof appendListModel>['initial']>,
  AppendListInput,
  AppendListOutput
> = {
  model: appendListModel(),
  history: (options) => {
    let items = 0;
    return executeSerially<readonly string[], AppendListInput, AppendListOutput>({
      ...options,
      machine: {
        initial: () => [],
        apply: (state, input) => {
          if (input.kind === 'read') return { state, output: state };
          const longer = [...state, input.item];
          return { state: longer, output: longer.length };
        },
      },
      input: (random) =>
        random() < 0.5 ? { kind: 'read' } : { kind: 'append', item: `${(items += random() < 0.8 ? 1 : 0)}` },
    });
  },
  corrupt: (random, output) => {
    if (typeof output === 'number') return output + pick(random, [-1, 1]);
    return random() < 0.5 ? output.slice(0, -1) : [...output, ...output.slice(0, 1)];
  },
};
