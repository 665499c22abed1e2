import { counterModel, linearizable, type SimulationOptions, type Workload } from '../../src/index.js';
import { Counter, CounterClient } from './machines.js';

export const countAndRead: Workload = async ({ client, random, record }) => {
  const counter = CounterClient.of(client);
  if (random() < 0.7) await record({ kind: 'increment', by: 1 }, () => counter.add(1));
  else await record({ kind: 'read' }, () => counter.current());
};

/** A run like a user's: a counter, and clients that count and read. */
export function counterRun(options: Partial<SimulationOptions> = {}): SimulationOptions {
  return {
    machines: { counter: () => new Counter() },
    workload: countAndRead,
    checks: [linearizable(counterModel())],
    ...options,
  };
}
