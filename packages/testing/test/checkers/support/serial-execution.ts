import type { Random } from '@decoraft/base';
import type { Operation, SequentialMachine } from '../../../src/index.js';

export interface SerialExecution<State, Input, Output> {
  readonly machine: Pick<SequentialMachine<State, Input, Output>, 'initial' | 'apply'>;
  readonly random: Random;
  readonly clients: number;
  readonly operations: number;
  /** How many operations end in the unknown, of one. Half of them took place, some of those late. */
  readonly unknown: number;
  input(random: Random): Input;
}

interface Planned<Input> {
  readonly process: string;
  readonly input: Input;
  readonly invoked: number;
  readonly point: number;
  readonly returned: number;
  readonly isUnknown: boolean;
}

/** A history of clients whose windows overlap, made by executing everything at one moment within its window. */
export function executeSerially<State, Input, Output>(
  options: SerialExecution<State, Input, Output>,
): readonly Operation<Input, Output>[] {
  const plan = planOf(options);
  const outputs = new Map<Planned<Input>, Output>();
  let state = options.machine.initial();
  for (const operation of plan.toSorted((left, right) => left.point - right.point)) {
    if (operation.point === Infinity) continue;
    const applied = options.machine.apply(state, operation.input);
    state = applied.state;
    outputs.set(operation, applied.output);
  }
  const times = plan.flatMap(({ invoked, returned }) => [invoked, returned]).toSorted((a, b) => a - b);
  const sequences = new Map(times.map((time, sequence) => [time, sequence]));
  const momentAt = (time: number): Operation['invoked'] => ({
    atMs: Math.round(time),
    sequence: sequences.get(time) ?? -1,
  });
  return plan
    .toSorted((left, right) => left.invoked - right.invoked)
    .map((operation, id) => ({
      id,
      process: operation.process,
      input: operation.input,
      invoked: momentAt(operation.invoked),
      outcome: operation.isUnknown
        ? { kind: 'unknown', at: momentAt(operation.returned), reason: 'timeout' }
        : {
            kind: 'returned',
            output: outputs.get(operation) as Output,
            at: momentAt(operation.returned),
          },
    }));
}

function planOf<State, Input, Output>({
  clients,
  input,
  operations,
  random,
  unknown,
}: SerialExecution<State, Input, Output>): readonly Planned<Input>[] {
  const free = Array.from({ length: clients }, () => random() * 10);
  return Array.from({ length: operations }, (_, at) => {
    const client = at % clients;
    const invoked = (free[client] ?? 0) + random() * 5;
    const returned = invoked + random() * 20;
    free[client] = returned;
    const isUnknown = random() < unknown;
    const late = random() < 0.5 ? random() * 100 : Infinity;
    const point = isUnknown && random() < 0.7 ? invoked + late : invoked + random() * (returned - invoked);
    return { process: `client-${client}`, input: input(random), invoked, point, returned, isUnknown };
  });
}
