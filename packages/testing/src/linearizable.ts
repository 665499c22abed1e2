import type { Check } from './check.js';
import { mustBeLinearizable } from './checkers/linearizability.js';
import type { Model } from './checkers/model.js';
import type { Operation } from './history.js';

/**
 * The check that what the clients recorded could have happened one at a time. For `checks` of a simulation:
 * `checks: [linearizable(counterModel())]`.
 *
 * @param model What a machine of one copy would do. It must understand what the workload gives to `record`.
 */
export function linearizable<State, Input, Output>(model: Model<State, Input, Output>): () => Check {
  return () => ({
    ended: (history) =>
      void mustBeLinearizable(model, history as readonly Operation<Input, Output>[], { maxSteps: 1_000_000 }),
  });
}
